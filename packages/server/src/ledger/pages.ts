import { directOf } from '../storage/direct.js'
import type { Tx } from '../storage/tables.js'
import type { BookPages, Changes, Head } from './book.js'
import { keyIdsOf, readHeads, readHolds, readPages, readQuotas, readRepeats, readUsable } from './book-store.js'
import type { Grant, Hold, HoldOp, LedgerOp, Quota, ReleaseOp, SettleOp } from './model.js'

/** Accounts, keys and open holds that are kept at most; past that all are forgotten, and read again as they are needed. */
const KEPT_MAX = 10_000

type RequestOp = HoldOp | SettleOp | ReleaseOp

/** What is kept of an account: its grants that have something left or are of a month, and its head where it has one. */
interface Account {
  readonly grants: Map<string, Grant>
  head: Head | undefined
}

/**
 * The pages that requests touch, kept from one batch to the next: an account that is busy is read
 * once. They hold only while nobody else writes (docs/decisions/0009), which is looked at inside each
 * batch's transaction. Only what a transaction has committed is kept.
 */
export class KeptPages {
  readonly #accounts = new Map<string, Account>()
  readonly #quotas = new Map<string, Quota>()
  /** Those that are open. */
  readonly #holds = new Map<string, Hold>()
  /** The database's as the pages were last known to be right. */
  #version: string | undefined
  #readAtMs = 0

  /** The pages that these operations touch, all as they are in the database at `nowMs`. */
  async read(tx: Tx, ops: readonly LedgerOp[], nowMs: number): Promise<BookPages> {
    // A clock set back may bring back a month that had ended when its grants were read.
    const isStale = directOf(tx).writeVersion() !== this.#version || nowMs < this.#readAtMs
    if (isStale || this.#isFull()) this.forget()
    this.#readAtMs = nowMs
    if (ops.every(isOfRequest)) return this.#readOfRequests(tx, ops, nowMs)
    // Rare ones, such as grants and refunds, need more than is kept here.
    this.forget()
    return readPages(tx, ops, nowMs)
  }

  /** Called once `changes` have been committed, with the `writeVersion` as it was right before. */
  keep(changes: Changes, version: string): void {
    this.#version = version
    for (const grant of changes.grants.values()) {
      const grants = this.#accounts.get(grant.accountId)?.grants
      // A month's warnings count what was used up of it.
      if (grant.remaining > 0n || grant.kind === 'subscription') grants?.set(grant.id, grant)
      else grants?.delete(grant.id)
    }
    for (const [accountId, head] of changes.heads) {
      const account = this.#accounts.get(accountId)
      if (account) account.head = head
    }
    for (const quota of changes.quotas.values()) if (this.#quotas.has(quota.keyId)) this.#quotas.set(quota.keyId, quota)
    for (const hold of changes.holdsOpened.values()) this.#holds.set(hold.requestId, hold)
    for (const requestId of changes.holdsResolved.keys()) this.#holds.delete(requestId)
  }

  forget(): void {
    this.#version = undefined
    this.#accounts.clear()
    this.#quotas.clear()
    this.#holds.clear()
  }

  #isFull(): boolean {
    return Math.max(this.#accounts.size, this.#quotas.size, this.#holds.size) > KEPT_MAX
  }

  async #readOfRequests(tx: Tx, ops: readonly RequestOp[], nowMs: number): Promise<BookPages> {
    const accountIds = [...new Set(ops.map(({ accountId }) => accountId))]
    const keyIds = keyIdsOf(ops, [])
    await this.#readMissing(tx, { accountIds, keyIds, nowMs })
    const grants: Grant[] = []
    const heads = new Map<string, Head>()
    for (const accountId of accountIds) {
      const account = this.#accounts.get(accountId)
      if (!account) continue
      grants.push(...account.grants.values())
      if (account.head) heads.set(accountId, account.head)
    }
    return {
      grants,
      heads,
      quotas: keyIds.map((keyId) => this.#quotas.get(keyId)).filter((quota) => quota !== undefined),
      holds: await this.#holdsOf(tx, ops),
      charges: [],
      repeats: await readRepeats(
        tx,
        ops.filter((op) => op.kind === 'hold')
      ),
      taken: new Set()
    }
  }

  async #readMissing(
    tx: Tx,
    { accountIds, keyIds, nowMs }: { accountIds: readonly string[]; keyIds: readonly string[]; nowMs: number }
  ): Promise<void> {
    const strangers = accountIds.filter((accountId) => !this.#accounts.has(accountId))
    if (strangers.length > 0) {
      const heads = await readHeads(tx, strangers)
      for (const accountId of strangers) {
        this.#accounts.set(accountId, { grants: new Map(), head: heads.get(accountId) })
      }
      for (const grant of await readUsable(tx, strangers, nowMs))
        this.#accounts.get(grant.accountId)?.grants.set(grant.id, grant)
    }
    const missing = keyIds.filter((keyId) => !this.#quotas.has(keyId))
    for (const quota of await readQuotas(tx, missing)) this.#quotas.set(quota.keyId, quota)
  }

  /** The holds that are to be resolved. One that is not kept was resolved before, or never was, or is from before we began to keep them. */
  async #holdsOf(tx: Tx, ops: readonly RequestOp[]): Promise<Hold[]> {
    const holds: Hold[] = []
    const missing: string[] = []
    for (const { kind, requestId } of ops) {
      if (kind === 'hold') continue
      const kept = this.#holds.get(requestId)
      if (kept) holds.push(kept)
      else missing.push(requestId)
    }
    return missing.length > 0 ? [...holds, ...(await readHolds(tx, missing))] : holds
  }
}

function isOfRequest(op: LedgerOp): op is RequestOp {
  return op.kind === 'hold' || op.kind === 'settle' || op.kind === 'release'
}
