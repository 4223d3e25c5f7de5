import { AppError, type Receipt } from '@caicaini/protocol'
import { type Begun, errorFrame, type ReceiptStyle, receiptFrame } from './answer.js'
import type { Call } from './call.js'
import { refusalError } from './refusal.js'
import { PING, PING_MS } from './slow-reader.js'
import { streamAnswer } from './stream-answer.js'

/** A client that was told nothing for this long is sent its head: proxies cut what is silent for 60 s (nginx), some after 30 s. */
const SILENT_MS_MAX = 25_000

/** What `begun` comes to, or undefined where it takes so long that the client must hear of us before. */
export function inGoodTime({ clock, plan }: Call, begun: Promise<Begun>): Promise<Begun | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(SILENT_MS_MAX, () => void plan.holdDurable.then(() => resolve(undefined), reject))
    begun.then(resolve, reject).finally(cancel)
  })
}

/**
 * A stream whose provider has said nothing yet: pings until it does, then its answer. By now the status is
 * sent, so a failure is told as an event.
 */
export function lateAnswer(call: Call, begun: Promise<Begun>, style: ReceiptStyle): ReadableStream<Uint8Array> {
  let answer: ReadableStreamDefaultReader<Uint8Array> | undefined
  let stopPings = (): void => {}

  function start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const ping = (): void => {
      controller.enqueue(PING)
      stopPings = call.clock.after(PING_MS, ping)
    }
    ping()
    const stop = (): void => stopPings()
    begun.then(stop, stop)
  }

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      answer ??= open(await begun)
    } catch (error) {
      return end(controller, error)
    }
    const { value, done } = await answer.read()
    if (done) controller.close()
    else controller.enqueue(value)
  }

  function open(first: Begun): ReadableStreamDefaultReader<Uint8Array> {
    if (first.type === 'refused') throw refusalError(first.status, first.body)
    return streamAnswer(call, first.events, style).getReader()
  }

  async function end(controller: ReadableStreamDefaultController<Uint8Array>, error: unknown): Promise<void> {
    const told = error instanceof AppError ? error : new AppError('internal', 'The answer could not be given here')
    // It has ended already: this is its receipt, or why there is none.
    const receipt: Receipt | undefined = await call.release().catch(() => undefined)
    if (call.stoppedBy() === 'client') return
    if (receipt) controller.enqueue(receiptFrame(receipt, style))
    controller.enqueue(errorFrame(told, call.plan))
    controller.close()
  }

  async function cancel(): Promise<void> {
    stopPings()
    call.cancel('client')
    await answer?.cancel()
  }

  return new ReadableStream<Uint8Array>({ start, pull, cancel }, { highWaterMark: 0 })
}
