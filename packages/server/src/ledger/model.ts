import type { Receipt, ReceiptStatus } from '@caicaini/protocol'
import type { Period } from '../lib/period.js'

/*
 * What the ledger speaks of. Amounts are `bigint` micro-credits, times UTC milliseconds.
 */

export type GrantKind = 'subscription' | 'topup' | 'adjustment' | 'promotion' | 'service_refund'
export type EntryKind = 'grant' | 'spend' | 'expire' | 'refund' | 'forfeit' | 'adjust'

/** Credits that an account was given, and what is left of them. 0 ≤ held ≤ remaining ≤ amount. */
export interface Grant {
  readonly id: string
  readonly accountId: string
  readonly kind: GrantKind
  readonly amount: bigint
  readonly remaining: bigint
  readonly held: bigint
  readonly startsAtMs: number
  /** Exclusive; null = never. */
  readonly expiresAtMs: number | null
  readonly reference: string
  /** Why and by whom: hashed into its entry, so that it cannot be changed later without a trace. */
  readonly detail: Readonly<Record<string, string>>
  readonly createdAtMs: number
}

/** A part of one grant: what a hold reserves of it, or a spend takes from it. */
export interface Movement {
  readonly grantId: string
  readonly amount: bigint
}

/** Facts of a request known before the provider is called: enough for a receipt when nobody is left to write one. */
export interface HoldContext {
  readonly model: string
  readonly modelUsed: string
  readonly routeReason: string
  readonly provider: string
  readonly rateVersion: string
  readonly discount: number
  readonly clamped: number | null
  /** What the caller says of itself: the program, the agent within it, the session its key was made for. */
  readonly client: string | null
  readonly agent: string | null
  readonly session: string | null
  /** What the call is for. */
  readonly repo: string | null
  readonly branch: string | null
}

/** Credits reserved for a request under way. */
export interface Hold {
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  /** The key that `keyId` was derived from for a session: what is spent counts on both. */
  readonly parentKeyId: string | null
  readonly instanceId: string
  readonly epoch: bigint
  readonly state: 'held' | 'settled' | 'released'
  readonly amount: bigint
  /** In burn order; sums to `amount`. */
  readonly allocation: readonly Movement[]
  readonly context: HoldContext
  readonly createdAtMs: number
  readonly resolvedAtMs: number | null
}

/** What a key and its session keys have spent and reserved of its own limit; 0 = no limit. */
export interface Quota {
  readonly keyId: string
  readonly period: Period
  readonly periodStartMs: number
  readonly limit: bigint
  /** Since the period began. */
  readonly used: bigint
  readonly held: bigint
  /** Over the key's life, less what was refunded. */
  readonly usedTotal: bigint
  /** The percent of the limit that was last warned of, 0 for none. */
  readonly warned: number
}

/** A charge and what was given back of it since. */
export interface Charged {
  readonly requestId: string
  readonly keyId: string
  readonly parentKeyId: string | null
  readonly credits: bigint
  readonly refunded: bigint
  readonly settledAtMs: number
  /** What was taken from where. */
  readonly taken: readonly Movement[]
}

/** Which request a client's own key of a call stands for, and what became of it. */
export interface Repeat {
  readonly requestId: string
  readonly state: Hold['state']
  readonly createdAtMs: number
}

/** One line of the append-only book. `amount` is what it adds to the balance, negative for what it takes. */
export interface Entry {
  readonly accountId: string
  readonly accountSeq: bigint
  readonly kind: EntryKind
  readonly grantId: string | null
  readonly reference: string
  readonly amount: bigint
  readonly detailHash: string
  readonly prevHash: string
  readonly hash: string
  readonly createdAtMs: number
}

/** A receipt with its key figures as exact amounts, as it is stored. */
export interface StoredReceipt {
  readonly accountId: string
  readonly keyId: string
  readonly credits: bigint
  readonly uncollected: bigint
  readonly settledAtMs: number
  readonly receipt: Receipt
  readonly context: HoldContext
  readonly errorCode: string | null
}

/** What the gateway knows of a request's end; the ledger adds what was taken, from where, and what is left. */
export type Outcome = Pick<
  Receipt,
  | 'model_used'
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_read_tokens'
  | 'cache_write_tokens'
  | 'parts'
  | 'estimated'
  | 'stop_reason'
  | 'latency_ms'
  | 'first_token_ms'
> & {
  readonly status: ReceiptStatus
  /** In place of the hold's: only the end tells which length tier holds, and who answered in the end. */
  readonly rate_version?: string
  readonly provider?: string
  readonly route_reason?: string
}

export interface GrantOp {
  readonly kind: 'grant'
  readonly accountId: string
  readonly grant: Pick<Grant, 'id' | 'kind' | 'amount' | 'startsAtMs' | 'expiresAtMs' | 'reference' | 'detail'>
}

export interface HoldOp {
  readonly kind: 'hold'
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly parentKeyId: string | null
  readonly instanceId: string
  readonly epoch: bigint
  /** Hash of the caller's own key of this call: the same within a day is not billed twice. */
  readonly repeatKey: string | null
  readonly context: Omit<HoldContext, 'clamped'>
  /** What the answer may cost, in 10⁻⁸ micro-credits: its input, and each token of its output. */
  readonly inputCost: bigint
  readonly outputRate: bigint
  /** Output tokens asked for, and the fewest that are worth a call. */
  readonly tokensWanted: number
  readonly tokensLeast: number
}

export interface SettleOp {
  readonly kind: 'settle'
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly parentKeyId: string | null
  readonly charge: bigint
  readonly outcome: Outcome
}

export interface ReleaseOp {
  readonly kind: 'release'
  readonly requestId: string
  readonly accountId: string
  readonly keyId: string
  readonly parentKeyId: string | null
  readonly outcome: Outcome
  /** Code of the error that the client was told, for reports. */
  readonly errorCode: string | null
}

/** Takes what is left, and not held, of grants whose end has come. */
export interface ExpireOp {
  readonly kind: 'expire'
  readonly accountId: string
}

/** Takes credits back: all that is not held for a closure or violation, or an amount as a correction. */
export interface TakeOp {
  readonly kind: 'forfeit' | 'adjust'
  readonly accountId: string
  /** Micro-credits; null = all that is not held, begun or not. */
  readonly amount: bigint | null
  /** The same reference on the same account takes once. */
  readonly reference: string
  readonly detail: Readonly<Record<string, string>>
}

/** Gives a request's whole charge back, once. */
export interface RefundOp {
  readonly kind: 'refund'
  readonly accountId: string
  readonly requestId: string
  /** Of the grant that stands in for those that have expired since. */
  readonly grantId: string
  readonly detail: Readonly<Record<string, string>>
}

export type LedgerOp = GrantOp | HoldOp | SettleOp | ReleaseOp | ExpireOp | TakeOp | RefundOp

export type GrantResult = { readonly grantId: string; readonly granted: boolean; readonly balance: bigint }

export type HoldResult =
  | { readonly ok: true; readonly amount: bigint; readonly tokens: number; readonly clamped: number | null }
  | {
      readonly ok: false
      readonly reason: 'balance' | 'key_quota' | 'parent_key_quota'
      readonly affordableTokens: number
      readonly available: bigint
    }
  /** The caller's key of this call stands for an earlier one, which is under way or was billed. */
  | { readonly ok: false; readonly reason: 'repeat'; readonly requestId: string; readonly state: 'held' | 'settled' }

/** Not ok: the hold was resolved before, by us or by a recovery, or never was. Nothing changed. */
export type ResolveResult =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly state: 'settled' | 'released' | 'missing' }

/** What was taken in all; `again`: nothing now, for the same reference had taken it before. */
export type TakeResult = { readonly taken: bigint; readonly again: boolean; readonly balance: bigint }

/** What was given back; zero where there was no charge, or it had been given back before. */
export type RefundResult = { readonly refunded: bigint; readonly again: boolean }

export interface ResultOf {
  grant: GrantResult
  hold: HoldResult
  settle: ResolveResult
  release: ResolveResult
  expire: TakeResult
  forfeit: TakeResult
  adjust: TakeResult
  refund: RefundResult
}
