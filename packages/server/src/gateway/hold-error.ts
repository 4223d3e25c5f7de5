import { AppError } from '@caicaini/protocol'
import type { Principal } from '../keys/key.js'
import type { HoldResult } from '../ledger/model.js'
import type { Ledger } from '../ledger/service.js'

type Refused = Exclude<HoldResult, { ok: true }>

/** What the caller is told of a hold that was refused. */
export async function holdError(ledger: Ledger, principal: Principal, held: Refused): Promise<AppError> {
  return held.reason === 'repeat' ? repeatError(ledger, principal, held) : creditsError(held)
}

/** A refusal that says what the first call of this key came to; nothing of its content was kept. */
async function repeatError(
  ledger: Ledger,
  { account, key }: Principal,
  { requestId, state }: Repeated
): Promise<AppError> {
  const what = 'idempotency-key: this key was used before'
  if (state === 'held') {
    const message = `${what}, for request ${requestId}, which is in progress`
    return new AppError('idempotency_in_progress', message, { retryAfterS: 1 })
  }
  // As everywhere, a key for the API sees its own requests alone.
  const own = key.scope === 'api' && { keyId: key.id }
  const receipt = await ledger.receipt({ accountId: account.id, requestId, waitMs: 0, ...own })
  const message = `${what}, for request ${requestId}, which was billed; use a new key for a new call`
  return new AppError('idempotency_repeat', message, { shouldRetry: false, extra: { receipt } })
}

type Repeated = Extract<HoldResult, { reason: 'repeat' }>

const OUT_OF = {
  balance: ['insufficient_quota', 'the balance'],
  key_quota: ['key_quota', "this key's own quota"],
  parent_key_quota: ['key_quota', 'the quota of the key that this one was made from']
} as const

function creditsError({ reason, affordableTokens }: Exclude<Refused, Repeated>): AppError {
  const [code, whose] = OUT_OF[reason]
  const message =
    affordableTokens > 0
      ? `${whose} affords ${affordableTokens.toLocaleString('en-US')} output tokens for this request, too few for an answer`
      : `${whose} does not cover this request's input`
  return new AppError(code, message, { shouldRetry: false })
}
