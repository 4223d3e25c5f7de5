import { AppError, RECEIPT_COMMENT, RECEIPT_EVENT, type Receipt } from '@caicaini/protocol'
import { errorBody } from '../http/errors.js'
import { type AttemptDeps, askInTurn } from './attempts.js'
import type { Call, CallPlan } from './call.js'
import type { FailedEvent, ProviderEvent } from './providers/provider.js'

/** Which way a stream carries its receipt. */
export type ReceiptStyle = 'comment' | 'event'

/** What a provider has said so far: its head, and the rest still to come; or that the request itself was at fault. */
export type Begun =
  | { readonly type: 'answer'; readonly contentType: string; readonly events: AsyncIterator<ProviderEvent> }
  | { readonly type: 'refused'; readonly status: number; readonly body: Uint8Array; readonly receipt: Receipt }

/**
 * Asks for the answer and waits for its head, while the hold becomes durable beside it. Throws what the
 * customer is to be told when nobody answered, the hold released.
 */
export async function begin(call: Call, deps: AttemptDeps): Promise<Begun> {
  try {
    const [{ event, events }] = await Promise.all([askInTurn(call, deps), call.plan.holdDurable])
    if (event === undefined) throw silence(call)
    switch (event.type) {
      case 'head':
        return { type: 'answer', contentType: event.contentType, events }
      case 'refused': {
        const { status } = event
        const body = call.target().wire.refusal(status, event.body)
        call.cancel('provider')
        return { type: 'refused', status, body, receipt: await call.release() }
      }
      case 'failed':
        throw failure(call, event)
      case 'bytes':
        throw new Error('bug: a provider sends its head first')
    }
  } catch (error) {
    call.cancel('provider')
    // Where the hold could not be made durable there is nothing to release.
    await call.release().catch(() => undefined)
    throw error
  }
}

/** A provider that says nothing: it failed, or we stopped it. */
function silence(call: Call): AppError {
  return call.stoppedBy() === undefined
    ? new AppError('upstream_error', 'The provider closed without an answer; it was not charged')
    : stopped(call)
}

/** We stopped it: what the client is told that is still there. */
export function stopped(call: Pick<Call, 'stoppedBy'>): AppError {
  if (call.stoppedBy() === 'account')
    return new AppError(
      'suspended',
      'The account was suspended, so the answer ends here; only what was delivered is billed'
    )
  return new AppError('stopping', 'The request was stopped before its answer was complete; it was not charged')
}

/** What the customer is told of a provider's failure; the owner of this machine is told what to mend. */
export function failure(call: Call, event: FailedEvent): AppError {
  call.noteFailure(event)
  const isOwner = call.plan.principal.account.role === 'owner'
  const message = isOwner && event.operatorHint !== null ? event.operatorHint : event.message
  const { retryAfterMs, shouldRetry } = event
  return new AppError(event.code, `${message.replace(/\.$/, '')}. Nothing was charged.`, {
    ...(shouldRetry ? {} : { shouldRetry: false }),
    ...(retryAfterMs !== null && retryAfterMs > 0 && { retryAfterS: Math.ceil(retryAfterMs / 1000) })
  })
}

/** The SSE line or event that tells a stream's client what it was billed. */
export function receiptFrame(receipt: Receipt, style: ReceiptStyle): Uint8Array {
  const json = JSON.stringify(receipt)
  return Buffer.from(
    style === 'event' ? `event: ${RECEIPT_EVENT}\ndata: ${json}\n\n` : `: ${RECEIPT_COMMENT}${json}\n\n`
  )
}

/** An honest end of a stream that cannot go on, as each format has it. */
export function errorFrame(error: AppError, { requestId, format }: Pick<CallPlan, 'requestId' | 'format'>): Uint8Array {
  const body = errorBody(error, { requestId, openai: format !== 'messages' })
  // OpenAI's chat streams tell errors as data without a name (their SDKs look for `error` in it).
  if (format === 'chat') return Buffer.from(`data: ${JSON.stringify(body)}\n\n`)
  if (format === 'messages') return Buffer.from(`event: error\ndata: ${JSON.stringify(body)}\n\n`)
  // OpenAI's API reference, responses streaming, error.
  const event = { type: 'error', code: error.code, message: error.message, param: null, request_id: requestId }
  return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`)
}
