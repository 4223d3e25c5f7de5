import { AppError, type Receipt } from '@caicaini/protocol'
import { errorFrame, failure, type ReceiptStyle, receiptFrame, stopped } from './answer.js'
import type { Call } from './call.js'
import type { ProviderEvent } from './providers/provider.js'
import { PING, pingIdle, watchReader } from './slow-reader.js'
import type { TapOutput } from './usage/tap.js'

/**
 * The provider's stream, byte for byte, as the client pulls it. The final event is held back until
 * the settle is on disk; the receipt goes just before it. A client that leaves stops the provider and
 * pays for what it got.
 */
export function streamAnswer(
  call: Call,
  events: AsyncIterator<ProviderEvent>,
  style: ReceiptStyle
): ReadableStream<Uint8Array> {
  const tap = call.target().wire.createTap()
  let anyByte = false
  let gone = false
  const reader = watchReader(call)

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    reader.asks()
    try {
      // One pull gives at least one chunk, or the end; an event in parts gives none yet.
      for (let given = false; !given; ) {
        const { value: event, done } = await events.next()
        if (gone) return
        // Once the answer is complete and billed, what happens to the connection changes nothing.
        if (done || (event.type === 'failed' && tap.sawFinal)) return await finish(controller)
        if (event.type === 'failed') throw failure(call, event)
        if (event.type !== 'bytes') throw new Error(`bug: ${event.type} in the middle of an answer`)
        anyByte = true
        given = await give(controller, tap.push(event.bytes))
      }
    } catch (error) {
      if (gone) return
      await end(controller, error)
    } finally {
      reader.isGiven()
    }
  }

  async function finish(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (!tap.sawFinal && call.stoppedBy() === undefined) await give(controller, tap.close())
    if (!tap.sawFinal && call.isCutByCustomer()) await leave()
    if (!tap.sawFinal && call.stoppedBy() !== 'client') throw cutShort(call)
    controller.close()
  }

  /** Nearly every chunk goes through without waiting for anything: only the final event does. */
  function give(
    controller: ReadableStreamDefaultController<Uint8Array>,
    { forward, final, error }: TapOutput
  ): boolean | Promise<boolean> {
    if (tap.firstContentSeen) call.noteFirstToken()
    if (forward) controller.enqueue(noted(call, forward))
    if (error) throw upstreamSaid(error)
    return final ? giveFinal(controller, final) : forward !== null
  }

  async function giveFinal(
    controller: ReadableStreamDefaultController<Uint8Array>,
    final: Uint8Array
  ): Promise<boolean> {
    const { usage, usageSeen, stopReason } = tap
    const receipt = await call.charge('complete', { usage, estimated: !usageSeen, stopReason })
    if (gone) return true
    controller.enqueue(receiptFrame(receipt, style))
    controller.enqueue(final)
    return true
  }

  /** The stream ends with an error event: the provider failed and nothing is charged, or we could not settle. */
  async function end(controller: ReadableStreamDefaultController<Uint8Array>, error: unknown): Promise<void> {
    call.cancel('provider')
    const told = error instanceof AppError ? error : new AppError('internal', 'The answer could not be completed here')
    // After a settle that failed this is that failure again: the hold stays, for recovery.
    const receipt = await call.release().catch(() => undefined)
    if (gone) return
    if (receipt) controller.enqueue(receiptFrame(receipt, style))
    controller.enqueue(errorFrame(told, call.plan))
    controller.close()
  }

  async function cancel(): Promise<void> {
    gone = true
    call.cancel('client')
    await leave()
  }

  /** A stop is not left for a next pull to notice, for a client that reads no further never pulls. */
  function noteStop(): void {
    if (call.stoppedBy() === 'provider') return
    const ended = call.isCutByCustomer() ? leave() : call.release()
    ended.catch(() => undefined)
  }

  function leave(): Promise<Receipt> {
    if (!anyByte) return call.release()
    const { usage, deliveredTextTokens, usageSeen, stopReason, toolCallsSeen } = tap
    const inputTokens = usageSeen ? usage.inputTokens : call.plan.inputTokensEstimated
    // message_start counts a token or two of output before there is any; the provider's own count, once it came, stands.
    const outputTokens = stopReason === null ? Math.max(deliveredTextTokens, 0) : usage.outputTokens
    // A search that was begun is billed to us, whether or not its count still came.
    const toolCalls = stopReason === null ? { ...usage.toolCalls, ...toolCallsSeen } : usage.toolCalls
    const billed = { ...usage, inputTokens, outputTokens, toolCalls }
    return call.charge('aborted', { usage: billed, estimated: true, stopReason })
  }

  if (call.stopSignal.aborted) noteStop()
  else call.stopSignal.addEventListener('abort', noteStop, { once: true })
  function start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const stopPings = pingIdle(call, { isWaiting: reader.isWaiting, ping: () => controller.enqueue(PING) })
    call.whenEnded.then(stopPings)
  }
  return new ReadableStream<Uint8Array>({ start, pull, cancel }, { highWaterMark: 0 })
}

/** What a client is given of its chat's answer is what is kept of it. */
function noted({ plan }: Call, bytes: Uint8Array): Uint8Array {
  plan.turn?.given(bytes)
  return bytes
}

function cutShort(call: Call): AppError {
  if (call.stoppedBy() === 'account') return stopped(call)
  return call.stoppedBy() === 'server'
    ? new AppError('stopping', 'The server is stopping; this answer was not charged')
    : new AppError('upstream_error', 'The provider ended the answer before it was complete; it was not charged')
}

/** The provider's own words in an error event, in our table's terms; its text may name nobody's account. */
function upstreamSaid({ type }: { type: string }): AppError {
  return type === 'overloaded_error'
    ? new AppError('overloaded', 'The provider is overloaded; this answer was not charged')
    : new AppError('upstream_error', 'The provider failed in the middle of the answer; it was not charged')
}
