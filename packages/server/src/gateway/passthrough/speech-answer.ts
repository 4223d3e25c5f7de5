import type { Receipt } from '@caicaini/protocol'
import { failure, stopped } from '../answer.js'
import type { Call } from '../call.js'
import { failed } from '../providers/outcome.js'
import type { ProviderEvent } from '../providers/provider.js'
import { watchReader } from '../slow-reader.js'

/** The first of the sound; throws what the customer is to be told where there is none. */
export async function firstSound(call: Call, events: AsyncIterator<ProviderEvent>): Promise<Uint8Array> {
  const { value: event, done } = await events.next()
  if (call.stoppedBy() !== undefined) throw stopped(call)
  if (done) throw failure(call, failed({ message: 'The provider sent no sound', shouldRetry: true }))
  if (event.type === 'failed') throw failure(call, event)
  if (event.type !== 'bytes') throw new Error(`bug: ${event.type} in the middle of an answer`)
  call.noteFirstToken()
  return event.bytes
}

/**
 * The provider's sound, byte for byte, as the client pulls it. The newest chunk is held back until there is
 * another, so that the last one goes out when the settle is on disk. All characters are billed once sound came:
 * the provider bills them so. Where it fails before the end nothing is, and the connection is cut, for
 * sound has no other way to say that it is not whole.
 */
export function speechAnswer(
  call: Call,
  {
    first,
    events,
    cut
  }: {
    readonly first: Uint8Array
    readonly events: AsyncIterator<ProviderEvent>
    readonly cut: (() => void) | undefined
  }
): ReadableStream<Uint8Array> {
  let held = first
  let gone = false
  let anyGiven = false
  const reader = watchReader(call)

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    reader.asks()
    try {
      await step(controller)
    } catch (error) {
      call.cancel('provider')
      // After a settle that failed this is that failure again: the hold stays, for recovery.
      await call.release().catch(() => undefined)
      if (gone) return
      // To a connection the listener would write the error's text, as if it were sound.
      if (cut) cut()
      else controller.error(error)
    } finally {
      reader.isGiven()
    }
  }

  async function step(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { value: event, done } = await events.next()
    if (gone) return
    if (done) return finish(controller)
    if (event.type === 'failed') throw failure(call, event)
    if (event.type !== 'bytes') throw new Error(`bug: ${event.type} in the middle of an answer`)
    controller.enqueue(held)
    anyGiven = true
    held = event.bytes
  }

  async function finish(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (call.stoppedBy() !== undefined) {
      if (call.isCutByCustomer()) await leave()
      throw stopped(call)
    }
    await charge('complete')
    if (gone) return
    controller.enqueue(held)
    controller.close()
  }

  async function cancel(): Promise<void> {
    gone = true
    call.cancel('client')
    await charge('aborted')
  }

  /** A stop is not left for a next pull to notice, for a client that reads no further never pulls. */
  function noteStop(): void {
    if (call.stoppedBy() === 'provider') return
    const ended = call.isCutByCustomer() ? leave() : call.release()
    ended.catch(() => undefined)
  }

  /** An account that is suspended before it had a sound pays for none. */
  function leave(): Promise<Receipt> {
    return call.stoppedBy() === 'account' && !anyGiven ? call.release() : charge('aborted')
  }

  function charge(status: 'complete' | 'aborted'): Promise<Receipt> {
    const spoken = call.target().wire.readPlain(new Uint8Array())
    if (!spoken) throw new Error('bug: what speech costs is known before')
    const { usage, estimated, stopReason } = spoken
    return call.charge(status, { usage, estimated, stopReason })
  }

  if (call.stopSignal.aborted) noteStop()
  else call.stopSignal.addEventListener('abort', noteStop, { once: true })
  return new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 })
}
