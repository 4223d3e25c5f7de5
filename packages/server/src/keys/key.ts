import { type AccountLimitSettings, AppError } from '@caicaini/protocol'
import { type Period, periodStartMs } from '../lib/period.js'
import type { KeyRow } from './store.js'

/** `web`: a browser session, which has no key. */
export type Scope = 'api' | 'cli' | 'web' | 'local'

export interface Key {
  readonly id: string
  readonly name: string
  readonly scope: Scope
  readonly hint: string
  readonly status: 'active' | 'disabled' | 'revoked' | 'expired'
  /** The key that this one was derived from for a session; null for one of its own. */
  readonly parentId: string | null
  /** Micro-credits in each period; 0 = no limit. */
  readonly quota: bigint
  readonly quotaPeriod: Period
  /** Of the present period. */
  readonly quotaUsed: bigint
  readonly expiresAtMs: number | null
  readonly createdAtMs: number
  /** When its text was last changed for another. */
  readonly rotatedAtMs: number | null
  /** Until when a text that it had before is still good; null where none is. */
  readonly formerUntilMs: number | null
  readonly lastUsedAtMs: number | null
  /** Of a session key: what its calls are for. */
  readonly labels: Labels
}

export interface Labels {
  readonly repo: string | null
  readonly branch: string | null
}

export const NO_LABELS: Labels = { repo: null, branch: null }

/** Where a request with a key comes from. */
export interface KeyUse {
  readonly address: string | null
  /** What the program says it is. */
  readonly client: string | null
}

/** Who a request speaks for: a live key and its account. */
export interface Principal {
  readonly key: Key
  /** The browser session that speaks, where it is one. */
  readonly session?: { readonly id: string; readonly steppedUpAtMs: number | null; readonly factors: 1 | 2 }
  /** The key was rotated, and this is a text from before: good until then. */
  readonly textUntilMs?: number
  readonly account: {
    readonly id: string
    readonly username: string
    readonly role: string
    readonly plan: string
    readonly tier: string
    readonly status: string
    /** What it is told where it is suspended. */
    readonly standingReason: string | null
    /** Set by an operator; null where there are none. */
    readonly limits: AccountLimitSettings | null
  }
}

/** What a stopped account is told: why, and whom to ask. */
export function suspendedError(
  { username, status, standingReason }: Pick<Principal['account'], 'username' | 'status' | 'standingReason'>,
  appealContact: string | undefined
): AppError {
  const why = standingReason === null ? '' : `: ${standingReason.replace(/\.$/, '')}`
  const whom = appealContact === undefined ? '' : `. To appeal, write to ${appealContact.replace(/^mailto:/, '')}`
  return new AppError('suspended', `the account "${username}" is ${status}${why}${whom}`)
}

/** Says why a key or its account may not act any more. */
export function refuseDead({ key, account }: Principal, appealContact: string | undefined): void {
  switch (key.status) {
    case 'revoked':
      throw new AppError('revoked_key', `the key "${key.name}" was revoked: make a new one`)
    case 'disabled':
      throw new AppError('disabled_key', `the key "${key.name}" is disabled: enable it, or use another`)
    case 'expired':
      throw new AppError('expired_key', `the key "${key.name}" has expired: make a new one`)
    case 'active':
      if (account.status !== 'active') throw suspendedError(account, appealContact)
  }
}

export function toPrincipal(row: KeyRow, nowMs: number): Principal {
  const { account_id: id, username, role, plan, tier, account_status: status } = row
  const limits = row.account_limits === null ? null : (JSON.parse(row.account_limits) as AccountLimitSettings)
  const account = { id, username, role, plan, tier, status, standingReason: row.standing_reason, limits }
  return {
    key: toKey(row, nowMs),
    account,
    ...(row.text_until_ms !== undefined && { textUntilMs: Number(row.text_until_ms) })
  }
}

export function toKey(row: KeyRow, nowMs: number): Key {
  const period = row.period as Period
  return {
    id: row.id,
    name: row.name,
    scope: row.scope as Scope,
    hint: row.hint,
    status: statusOf(row, nowMs),
    parentId: row.parent_id,
    quota: row.credit_limit,
    quotaPeriod: period,
    quotaUsed: periodStartMs(period, nowMs) > Number(row.period_start_ms) ? 0n : row.used,
    createdAtMs: Number(row.created_at_ms),
    rotatedAtMs: msOf(row.rotated_at_ms),
    formerUntilMs:
      row.former_until_ms !== null && Number(row.former_until_ms) > nowMs ? msOf(row.former_until_ms) : null,
    lastUsedAtMs: msOf(row.last_used_at_ms),
    labels: { repo: row.repo, branch: row.branch },
    expiresAtMs: msOf(row.expires_at_ms)
  }
}

function msOf(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}

/** A session key dies with the key that it was derived from, and is disabled with it. */
function statusOf(row: KeyRow, nowMs: number): Key['status'] {
  const isPast = (endMs: bigint | null) => endMs !== null && Number(endMs) <= nowMs
  if (row.revoked_at_ms !== null || row.parent_revoked_at_ms !== null) return 'revoked'
  if (row.disabled_at_ms !== null || row.parent_disabled_at_ms !== null) return 'disabled'
  return isPast(row.expires_at_ms) || isPast(row.parent_expires_at_ms) ? 'expired' : 'active'
}
