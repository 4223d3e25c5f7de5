import { AppError, type Receipt } from '@caicaini/protocol'
import { failure, stopped } from './answer.js'
import type { Call } from './call.js'
import type { ProviderEvent } from './providers/provider.js'

/**
 * The provider's whole answer and its receipt, settled. The client may be gone by now: the provider
 * finished, so it is billed all the same. Throws what the customer is to be told, the hold released.
 */
export async function plainAnswer(
  call: Call,
  events: AsyncIterator<ProviderEvent>
): Promise<{ bytes: Uint8Array; receipt: Receipt }> {
  try {
    const bytes = await collect(call, events)
    // Of what came until then nothing is delivered.
    if (call.stoppedBy() !== undefined) throw stopped(call)
    const answer = call.target().wire.readPlain(bytes)
    if (!answer)
      throw new AppError('upstream_error', 'The provider sent no answer that could be read; it was not charged')
    const { usage, stopReason, estimated } = answer
    call.plan.turn?.givenWhole(answer.bytes)
    return { bytes: answer.bytes, receipt: await call.charge('complete', { usage, stopReason, estimated }) }
  } catch (error) {
    call.cancel('provider')
    // A charge that failed keeps its hold for recovery: releasing what has ended changes nothing.
    await call.release().catch(() => undefined)
    throw error
  }
}

async function collect(call: Call, events: AsyncIterator<ProviderEvent>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (;;) {
    const { value: event, done } = await events.next()
    if (done) return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    if (event.type === 'failed') throw failure(call, event)
    if (event.type !== 'bytes') throw new Error(`bug: ${event.type} in the middle of an answer`)
    call.noteFirstToken()
    chunks.push(event.bytes)
  }
}
