/** Seconds between two polls at least, and how much longer each poll that came too soon makes it (RFC 8628 3.5). */
export const INTERVAL_S = 5
const SLOWER_S = 5
/** A poll may be on its way for a moment less than the one before. */
const TOLERANCE_MS = 500

export interface PollState {
  readonly state: 'pending' | 'approved' | 'denied' | 'redeemed'
  readonly intervalS: number
  readonly polledAtMs: number | null
  readonly expiresAtMs: number
}

export type PollAnswer =
  | { readonly kind: 'redeem' }
  | {
      readonly kind: 'refused'
      readonly error: 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant'
      readonly intervalS: number
    }

/** What a device is told that asks whether it may in. Polls that come too soon are slowed for good. */
export function answerPoll({ state, intervalS, polledAtMs, expiresAtMs }: PollState, nowMs: number): PollAnswer {
  const refuse = (error: Exclude<PollAnswer, { kind: 'redeem' }>['error'], slower = 0): PollAnswer => ({
    kind: 'refused',
    error,
    intervalS: intervalS + slower
  })
  if (state === 'redeemed') return refuse('invalid_grant')
  if (state === 'denied') return refuse('access_denied')
  if (nowMs >= expiresAtMs) return refuse('expired_token')
  const isTooSoon = polledAtMs !== null && nowMs - polledAtMs < intervalS * 1000 - TOLERANCE_MS
  if (isTooSoon) return refuse('slow_down', SLOWER_S)
  return state === 'approved' ? { kind: 'redeem' } : refuse('authorization_pending')
}
