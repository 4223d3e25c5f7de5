import { AppError } from '@caicaini/protocol'
import type { KeyRow } from './store.js'

export type Scope = 'api' | 'cli' | 'local'

export interface Key {
  readonly id: string
  readonly name: string
  readonly scope: Scope
  readonly hint: string
  readonly status: 'active' | 'disabled' | 'revoked' | 'expired'
  /** Micro-credits over the key's life; 0 = no limit. */
  readonly quota: bigint
  readonly quotaUsed: bigint
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
}

/** Who a request speaks for: a live key and its account. */
export interface Principal {
  readonly key: Key
  readonly account: {
    readonly id: string
    readonly username: string
    readonly role: string
    readonly plan: string
    readonly tier: string
    readonly status: string
  }
}

/** Says why a key or its account may not act any more. */
export function refuseDead({ key, account }: Principal): void {
  switch (key.status) {
    case 'revoked':
      throw new AppError('revoked_key', `the key "${key.name}" was revoked: make a new one`)
    case 'disabled':
      throw new AppError('disabled_key', `the key "${key.name}" is disabled: enable it, or use another`)
    case 'expired':
      throw new AppError('expired_key', `the key "${key.name}" has expired: make a new one`)
    case 'active':
      if (account.status !== 'active')
        throw new AppError('suspended', `the account "${account.username}" is ${account.status}`)
  }
}

export function toPrincipal(row: KeyRow, nowMs: number): Principal {
  const { account_id: id, username, role, plan, tier, account_status: status } = row
  const account = { id, username, role, plan, tier, status }
  return { key: toKey(row, nowMs), account }
}

export function toKey(row: KeyRow, nowMs: number): Key {
  const expired = row.expires_at_ms !== null && Number(row.expires_at_ms) <= nowMs
  return {
    id: row.id,
    name: row.name,
    scope: row.scope as Scope,
    hint: row.hint,
    status:
      row.revoked_at_ms !== null
        ? 'revoked'
        : row.disabled_at_ms !== null
          ? 'disabled'
          : expired
            ? 'expired'
            : 'active',
    quota: row.credit_limit,
    quotaUsed: row.used,
    createdAtMs: Number(row.created_at_ms),
    lastUsedAtMs: row.last_used_at_ms === null ? null : Number(row.last_used_at_ms)
  }
}
