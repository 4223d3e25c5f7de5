import type { ReceiptWarning } from '@caicaini/protocol'
import type { GrantKind } from '../ledger/model.js'
import type { PlainKey } from './plain-keys.js'

/* What the plain books are kept of. */

export interface PlainGrant {
  readonly id: string
  readonly accountId: string
  readonly kind: GrantKind
  readonly amount: bigint
  remaining: bigint
  held: bigint
  readonly expiresAtMs: number | null
  readonly createdAtMs: number
  readonly reference: string
}

export interface PlainHold {
  readonly requestId: string
  readonly accountId: string
  readonly keys: readonly PlainKey[]
  readonly instanceId: string
  readonly epoch: bigint
  readonly amount: bigint
  readonly clamped: number | null
  readonly createdAtMs: number
  /** What is reserved of each grant, in the order in which it is spent. */
  readonly parts: readonly { readonly grant: PlainGrant; readonly amount: bigint }[]
  state: 'held' | 'settled' | 'released'
  /** Taken of each grant once settled. */
  taken: Map<PlainGrant, bigint>
  settledAtMs: number
  refunded: bigint
}

/** What people are told of a charge or a release, as far as the ledger decides it. */
export interface PlainReceipt {
  readonly credits: number
  readonly from_subscription: number
  readonly from_topup: number
  readonly uncollected: number
  readonly balance: number
  readonly clamped: number | null
  readonly warnings: readonly ReceiptWarning[]
}

export interface PlainAsk {
  readonly requestId: string
  readonly keyId: string
  readonly instanceId: string
  readonly epoch: bigint
  readonly repeatKey: string | null
  /** In 10⁻⁸ micro-credits. */
  readonly inputCost: bigint
  readonly outputRate: bigint
  readonly tokensWanted: number
  readonly tokensLeast: number
}
