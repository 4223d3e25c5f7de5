import type { AccountLimitSettings } from '@caicaini/protocol'
import type { KnownSessionRow, SessionRow } from './store.js'

export const ACCESS_MS = 15 * 60_000
/** However much it is used (ASVS 7.3.2). */
export const SESSION_MS = 90 * 86_400_000
/** Unused for so long a session is over (ASVS 7.3.1). */
const IDLE_MS = 30 * 86_400_000

/** Where somebody signs in from. */
export interface Origin {
  /** What the browser says it is. */
  readonly agent: string
  readonly address: string | null
}

/** A browser that is signed in, and whose. */
export interface Session {
  readonly id: string
  readonly createdAtMs: number
  readonly steppedUpAtMs: number | null
  /** Proven by one factor or by two. */
  readonly factors: 1 | 2
  readonly account: {
    readonly id: string
    readonly username: string
    readonly role: string
    readonly plan: string
    readonly tier: string
    readonly status: string
    readonly standingReason: string | null
    readonly limits: AccountLimitSettings | null
  }
}

/** As its owner sees it among others. */
export interface SessionView {
  readonly id: string
  readonly agent: string
  readonly address: string | null
  readonly createdAtMs: number
  readonly lastUsedAtMs: number
}

export function toSession(row: KnownSessionRow): Session {
  const { account_id: id, username, role, plan, tier, status } = row
  return {
    id: row.id,
    createdAtMs: Number(row.created_at_ms),
    steppedUpAtMs: row.stepped_up_at_ms === null ? null : Number(row.stepped_up_at_ms),
    factors: row.factors === 2n ? 2 : 1,
    account: {
      id,
      username,
      role,
      plan,
      tier,
      status,
      standingReason: row.standing_reason,
      limits: row.limits === null ? null : JSON.parse(row.limits)
    }
  }
}

export function toView(row: SessionRow, address: string | null): SessionView {
  const { id, agent } = row
  return { id, agent, address, createdAtMs: Number(row.created_at_ms), lastUsedAtMs: Number(row.last_used_at_ms) }
}

export function isLive(
  row: Pick<SessionRow, 'ended_at_ms' | 'expires_at_ms' | 'last_used_at_ms'>,
  nowMs: number
): boolean {
  const isIdle = nowMs - Number(row.last_used_at_ms) > IDLE_MS
  return row.ended_at_ms === null && Number(row.expires_at_ms) > nowMs && !isIdle
}
