import { CHAIN_START, detailHash, entryHash } from '@caicaini/protocol'
import { assert } from '../lib/assert.js'
import type { Charged, Entry, Grant, Hold, Movement, Quota, Repeat, StoredReceipt } from './model.js'

/** Head of one account's chain, and what its warnings are measured by. */
export interface Head {
  readonly accountSeq: bigint
  readonly hash: string
  /** The balance after it last grew. */
  readonly mark: bigint
  /** The percent of it that was last warned of. */
  readonly warned: number
}

const FIRST_HEAD: Head = { accountSeq: 0n, hash: CHAIN_START, mark: 0n, warned: 0 }

/** What a batch must write, each row once, however many operations touched it. */
export interface Changes {
  readonly grants: Map<string, Grant>
  /** Those of them that are new. */
  readonly grantsOpened: Set<string>
  readonly heads: Map<string, Head>
  readonly quotas: Map<string, Quota>
  readonly holdsOpened: Map<string, Hold>
  readonly holdsResolved: Map<string, Hold>
  readonly entries: Entry[]
  readonly receipts: StoredReceipt[]
  /** What refunds gave back of each request, in all. */
  readonly refunded: Map<string, bigint>
  readonly repeats: Map<string, NewRepeat>
  readonly details: EntryDetail[]
}

/** Who took or gave back credits, and why. */
export interface EntryDetail extends Pick<Entry, 'accountId' | 'kind' | 'reference'> {
  readonly detail: Readonly<Record<string, string>>
}

/** A caller's own key of a call, and the request that it now stands for. */
export interface NewRepeat {
  readonly accountId: string
  readonly repeatKey: string
  readonly requestId: string
}

/** The pages of the ledger that one batch touches, as they were read: what operations are decided on. */
export interface BookPages {
  readonly grants: readonly Grant[]
  readonly heads: ReadonlyMap<string, Head>
  readonly quotas: readonly Quota[]
  readonly holds: readonly Hold[]
  readonly charges: readonly Charged[]
  /** By `repeatId`. */
  readonly repeats: ReadonlyMap<string, Repeat>
  /** References under which credits were taken before, by `takenId`. */
  readonly taken: ReadonlySet<string>
}

export function repeatId({ accountId, repeatKey }: { accountId: string; repeatKey: string }): string {
  return `${accountId} ${repeatKey}`
}

export function takenId({ accountId, kind, reference }: Pick<Entry, 'accountId' | 'kind' | 'reference'>): string {
  return `${accountId} ${kind} ${reference}`
}

/**
 * The working copy of those pages. Operations change it one after another; `changes` collects what
 * differs from what was read. No I/O, no clock: the batch's moment is given.
 */
export class Book {
  readonly nowMs: number
  readonly changes: Changes = {
    grants: new Map(),
    grantsOpened: new Set(),
    heads: new Map(),
    quotas: new Map(),
    holdsOpened: new Map(),
    holdsResolved: new Map(),
    entries: [],
    receipts: [],
    refunded: new Map(),
    repeats: new Map(),
    details: []
  }
  readonly #grants = new Map<string, Map<string, Grant>>()
  readonly #heads: Map<string, Head>
  readonly #quotas: Map<string, Quota>
  readonly #holds: Map<string, Hold>
  readonly #charges: Map<string, Charged>
  readonly #repeats: Map<string, Repeat>
  readonly #taken: Set<string>

  constructor(pages: BookPages, nowMs: number) {
    this.nowMs = nowMs
    for (const grant of pages.grants) this.#grantsOf(grant.accountId).set(grant.id, grant)
    this.#heads = new Map(pages.heads)
    this.#quotas = new Map(pages.quotas.map((quota) => [quota.keyId, quota]))
    this.#holds = new Map(pages.holds.map((hold) => [hold.requestId, hold]))
    this.#charges = new Map(pages.charges.map((charge) => [charge.requestId, charge]))
    this.#repeats = new Map(pages.repeats)
    this.#taken = new Set(pages.taken)
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
    return this.#heads.get(accountId) ?? FIRST_HEAD
  }

  quota(keyId: string): Quota {
    const quota = this.#quotas.get(keyId)
    assert(quota !== undefined, `quota of ${keyId} was not read`)
    return quota
  }

  hold(requestId: string): Hold | undefined {
    return this.#holds.get(requestId)
  }

  charge(requestId: string): Charged | undefined {
    return this.#charges.get(requestId)
  }

  /** What the caller's own key of a call stands for, with the state that it has by now. */
  repeat(id: string): Repeat | undefined {
    const repeat = this.#repeats.get(id)
    return repeat && { ...repeat, state: this.#holds.get(repeat.requestId)?.state ?? repeat.state }
  }

  wasTaken(id: string): boolean {
    return this.#taken.has(id)
  }

  putGrant(grant: Grant): void {
    assert(
      0n <= grant.held && grant.held <= grant.remaining && grant.remaining <= grant.amount,
      `${grant.id} in bounds`
    )
    const grants = this.#grantsOf(grant.accountId)
    if (!grants.has(grant.id)) this.changes.grantsOpened.add(grant.id)
    grants.set(grant.id, grant)
    this.changes.grants.set(grant.id, grant)
  }

  putQuota(quota: Quota): void {
    assert(quota.held >= 0n && quota.used >= 0n, `quota of ${quota.keyId} in bounds`)
    this.#quotas.set(quota.keyId, quota)
    this.changes.quotas.set(quota.keyId, quota)
  }

  putHead(accountId: string, head: Head): void {
    this.#heads.set(accountId, head)
    this.changes.heads.set(accountId, head)
  }

  putRefunded(charge: Charged, refunded: bigint): void {
    assert(refunded <= charge.credits, `${charge.requestId} is refunded what it cost at most`)
    this.#charges.set(charge.requestId, { ...charge, refunded })
    this.changes.refunded.set(charge.requestId, refunded)
  }

  putRepeat(repeat: NewRepeat): void {
    const id = repeatId(repeat)
    this.#repeats.set(id, { requestId: repeat.requestId, state: 'held', createdAtMs: this.nowMs })
    this.changes.repeats.set(id, repeat)
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

  /** As `append`, where neither a grant nor a receipt keeps the detail. Nothing is entered of no movements. */
  appendDetailed(entry: EntryDetail, movements: readonly Movement[]): void {
    if (movements.length === 0) return
    const { accountId, kind, reference, detail } = entry
    this.append({ accountId, kind, reference, detailHash: detailHash(detail) }, movements)
    this.changes.details.push(entry)
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
      this.putHead(entry.accountId, { ...head, accountSeq: fields.accountSeq, hash })
    }
    this.#taken.add(takenId(entry))
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
