import { CHAIN_START, entryHash } from '@caicaini/protocol'
import { assert } from '../lib/assert.js'
import type { Entry, Grant, Hold, Movement, Quota, StoredReceipt } from './model.js'

/** Head of one account's chain. */
export interface Head {
  readonly accountSeq: bigint
  readonly hash: string
}

/** What a batch must write, each row once, however many operations touched it. */
export interface Changes {
  readonly grants: Map<string, Grant>
  readonly heads: Map<string, Head>
  readonly quotas: Map<string, Quota>
  readonly holdsOpened: Map<string, Hold>
  readonly holdsResolved: Map<string, Hold>
  readonly entries: Entry[]
  readonly receipts: StoredReceipt[]
}

/** The pages of the ledger that one batch touches, as they were read: what operations are decided on. */
export interface BookPages {
  readonly grants: readonly Grant[]
  readonly heads: ReadonlyMap<string, Head>
  readonly quotas: readonly Quota[]
  readonly holds: readonly Hold[]
}

/**
 * The working copy of those pages. Operations change it one after another; `changes` collects what
 * differs from what was read. No I/O, no clock: the batch's moment is given.
 */
export class Book {
  readonly nowMs: number
  readonly changes: Changes = {
    grants: new Map(),
    heads: new Map(),
    quotas: new Map(),
    holdsOpened: new Map(),
    holdsResolved: new Map(),
    entries: [],
    receipts: []
  }
  readonly #grants = new Map<string, Map<string, Grant>>()
  readonly #heads: Map<string, Head>
  readonly #quotas: Map<string, Quota>
  readonly #holds: Map<string, Hold>

  constructor(pages: BookPages, nowMs: number) {
    this.nowMs = nowMs
    for (const grant of pages.grants) this.#grantsOf(grant.accountId).set(grant.id, grant)
    this.#heads = new Map(pages.heads)
    this.#quotas = new Map(pages.quotas.map((quota) => [quota.keyId, quota]))
    this.#holds = new Map(pages.holds.map((hold) => [hold.requestId, hold]))
  }

  grants(accountId: string): Iterable<Grant> {
    return this.#grantsOf(accountId).values()
  }

  grant(accountId: string, grantId: string): Grant {
    const grant = this.#grantsOf(accountId).get(grantId)
    assert(grant !== undefined, `grant ${grantId} was not read`)
    return grant
  }

  head(accountId: string): Head {
    return this.#heads.get(accountId) ?? { accountSeq: 0n, hash: CHAIN_START }
  }

  quota(keyId: string): Quota {
    const quota = this.#quotas.get(keyId)
    assert(quota !== undefined, `quota of ${keyId} was not read`)
    return quota
  }

  hold(requestId: string): Hold | undefined {
    return this.#holds.get(requestId)
  }

  putGrant(grant: Grant): void {
    assert(
      0n <= grant.held && grant.held <= grant.remaining && grant.remaining <= grant.amount,
      `${grant.id} in bounds`
    )
    this.#grantsOf(grant.accountId).set(grant.id, grant)
    this.changes.grants.set(grant.id, grant)
  }

  putQuota(quota: Quota): void {
    assert(quota.held >= 0n && quota.used >= 0n, `quota of ${quota.keyId} in bounds`)
    this.#quotas.set(quota.keyId, quota)
    this.changes.quotas.set(quota.keyId, quota)
  }

  openHold(hold: Hold): void {
    assert(!this.#holds.has(hold.requestId), `${hold.requestId} is held once`)
    this.#holds.set(hold.requestId, hold)
    this.changes.holdsOpened.set(hold.requestId, hold)
  }

  resolveHold(hold: Hold, state: 'settled' | 'released'): void {
    const resolved: Hold = { ...hold, state, resolvedAtMs: this.nowMs }
    this.#holds.set(hold.requestId, resolved)
    this.changes.holdsResolved.set(hold.requestId, resolved)
  }

  /** Appends to the account's chain, one entry for each movement (or the one without a grant). */
  append(
    entry: Pick<Entry, 'accountId' | 'kind' | 'reference' | 'detailHash'>,
    movements: readonly NullableMovement[]
  ): void {
    for (const { grantId, amount } of movements) {
      const head = this.head(entry.accountId)
      const fields = {
        ...entry,
        grantId,
        amount,
        accountSeq: head.accountSeq + 1n,
        prevHash: head.hash,
        createdAtMs: this.nowMs
      }
      const hash = entryHash(fields)
      this.changes.entries.push({ ...fields, hash })
      const next = { accountSeq: fields.accountSeq, hash }
      this.#heads.set(entry.accountId, next)
      this.changes.heads.set(entry.accountId, next)
    }
  }

  #grantsOf(accountId: string): Map<string, Grant> {
    let grants = this.#grants.get(accountId)
    if (!grants) {
      grants = new Map()
      this.#grants.set(accountId, grants)
    }
    return grants
  }
}

type NullableMovement = { readonly grantId: Movement['grantId'] | null; readonly amount: bigint }
