import type { Catalog } from '../catalog/catalog.js'
import type { Principal } from '../keys/key.js'
import type { Accepted, Limiter, LimitSnapshot } from '../limits/limiter.js'
import { limitError } from './limit-error.js'
import { limitScopes } from './limit-scopes.js'

export interface ReservationAsk {
  readonly principal: Principal
  /** What the window of tokens counts until the provider's own number comes. */
  readonly inputTokens: number
  readonly stream: boolean
  readonly noteLimits: (tier: string, snapshot: LimitSnapshot) => void
}

/**
 * Takes a place in the key's windows for what `plan` makes of it. Where that refuses nothing was served: the
 * place goes back, and the answer's headers say so.
 */
export async function withReservation<T>(
  { catalog, limiter }: { readonly catalog: Catalog; readonly limiter: Limiter },
  { principal, inputTokens, stream, noteLimits }: ReservationAsk,
  plan: (reservation: Accepted) => Promise<T>
): Promise<T> {
  const { tier, ...scopes } = limitScopes(catalog, principal)
  const reservation = await limiter.reserve({ ...scopes, inputTokens, stream })
  noteLimits(tier, reservation.snapshot)
  if (!reservation.ok) throw limitError(reservation, tier)
  try {
    return await plan(reservation)
  } catch (error) {
    reservation.cancel()
    noteLimits(tier, await limiter.peek(scopes))
    throw error
  }
}
