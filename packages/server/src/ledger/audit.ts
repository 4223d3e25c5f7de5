import type { Db } from '../storage/tables.js'
import {
  add,
  ChainReader,
  checkAllocation,
  checkCharge,
  checkHoldRow,
  checkQuotas,
  checkRefunds,
  type Differ,
  noTotals,
  type Totals
} from './audit-rules.js'
import {
  type ChargeRow,
  readAccountIds,
  readChargeRows,
  readDetails,
  readEntries,
  readHead,
  readHoldRows,
  readKeyQuotas,
  readOpenHoldsOf,
  readOrphanedHolds,
  readRefunds,
  readWholeGrants
} from './audit-store.js'
import type { Entry } from './model.js'

/** One place where the books disagree: which rule, and both figures. */
export interface Difference {
  readonly account: string | null
  readonly what: string
  readonly detail: string
}

export interface AuditResult {
  readonly ok: boolean
  readonly accounts: number
  readonly entries: number
  readonly grants: number
  readonly holdsOpen: number
  readonly receipts: number
  readonly totals: Totals
  readonly differences: readonly Difference[]
}

/** Entries read at once: bounds the memory, and how long the process is busy with nothing else. */
const PAGE = 500
/** A book that is wrong everywhere need not be told whole. */
const DIFFERENCES_MAX = 1000

/** Recomputes every balance and chain from the entries alone, in one consistent state of the database, and names what differs. */
export async function audit(db: Db): Promise<AuditResult> {
  const ids = await readAccountIds(db)
  const counts = { accounts: ids.length, entries: 0, grants: 0, holdsOpen: 0, receipts: 0 }
  const totals = noTotals()
  const differences: Difference[] = []
  const differOf = (account: string | null): Differ => {
    return (what, detail) => {
      if (differences.length < DIFFERENCES_MAX) differences.push({ account, what, detail })
    }
  }
  const refunds = await readRefunds(db)
  for (const id of ids) {
    const account = new AccountAudit(db, id, differOf(id), totals)
    await account.run(refunds.get(id) ?? new Map())
    counts.entries += account.chain.count
    counts.grants += account.grants
    counts.holdsOpen += account.holdsOpen
    // Many small accounts are as long as one large one, and nobody may wait for either.
    await nextTurn()
  }
  counts.receipts = await checkHolds(db, differOf)
  for (const { requestId, instanceId } of await readOrphanedHolds(db))
    differOf(null)('hold', `${requestId}: open, but its instance ${instanceId} is over`)
  return { ok: differences.length === 0, ...counts, totals, differences }
}

/** Every hold against its receipt and its lines; how many receipts there are. */
async function checkHolds(db: Db, differOf: (account: string) => Differ): Promise<number> {
  let receipts = 0
  let after = ''
  for (;;) {
    const page = await readHoldRows(db, { after, count: PAGE })
    for (const row of page) {
      if (row.status !== null) receipts++
      checkHoldRow(row, differOf(row.accountId))
    }
    after = page.at(-1)?.requestId ?? after
    if (page.length < PAGE) return receipts
    await nextTurn()
  }
}

/** One account's chain, a page at a time, against its grants, holds, receipts and keys. */
class AccountAudit {
  readonly chain: ChainReader
  grants = 0
  holdsOpen = 0
  readonly #db: Db
  readonly #accountId: string
  readonly #differ: Differ
  readonly #totals: Totals
  /** Spent by each key, its session keys' spending with it. */
  readonly #spent = { total: new Map<string, bigint>(), sincePeriod: new Map<string, bigint>() }
  #periodStarts: ReadonlyMap<string, bigint> = new Map()

  constructor(db: Db, accountId: string, differ: Differ, totals: Totals) {
    this.#db = db
    this.#accountId = accountId
    this.#differ = differ
    this.#totals = totals
    this.chain = new ChainReader(differ)
  }

  async run(refunds: ReadonlyMap<string, bigint>): Promise<void> {
    const [db, accountId, differ] = [this.#db, this.#accountId, this.#differ]
    const quotas = await readKeyQuotas(db, accountId)
    this.#periodStarts = new Map(quotas.map(({ keyId, periodStartMs }) => [keyId, periodStartMs]))
    await this.#readChain()
    this.chain.checkHead(await readHead(db, accountId))
    const open = await readOpenHoldsOf(db, accountId)
    const grants = await readWholeGrants(db, accountId)
    this.chain.checkGrants(grants, open)
    for (const hold of open) checkAllocation(hold, differ)
    for (const grant of grants) {
      this.#totals.remaining += grant.remaining
      this.#totals.held += grant.held
    }
    checkRefunds({ entered: this.chain.refunded, told: refunds }, differ)
    checkQuotas(quotas, { spent: this.#spent, open }, differ)
    this.grants = grants.length
    this.holdsOpen = open.length
  }

  async #readChain(): Promise<void> {
    let after = 0n
    let carried: Entry[] = []
    for (;;) {
      const page = await readEntries(this.#db, this.#accountId, { after, count: PAGE })
      const details = await readDetails(this.#db, this.#accountId, page)
      for (const entry of page) {
        this.chain.read(entry)
        this.#totals[entry.kind] += entry.amount
        if (entry.kind !== 'grant' && entry.kind !== 'spend')
          this.chain.checkDetail(entry, details.get(entry.accountSeq))
      }
      const spends = [...carried, ...page.filter(({ kind }) => kind === 'spend')]
      const last = page.at(-1)
      // The lines of one charge follow each other: the last one's may go on on the next page.
      const isCut = last?.kind === 'spend' && page.length === PAGE
      carried = isCut ? spends.filter(({ reference }) => reference === last.reference) : []
      await this.#checkCharges(spends.slice(0, spends.length - carried.length))
      if (!last || page.length < PAGE) return
      after = last.accountSeq
      await nextTurn()
    }
  }

  async #checkCharges(spends: readonly Entry[]): Promise<void> {
    const lines = Map.groupBy(spends, ({ reference }) => reference)
    const rows = await readChargeRows(this.#db, [...lines.keys()])
    for (const [requestId, own] of lines) {
      const row = rows.get(requestId)
      checkCharge({ requestId, lines: own, row }, this.#differ)
      if (!row) continue
      this.#addSpent(row.hold.keyId, row.receipt)
      if (row.hold.parentKeyId !== null) this.#addSpent(row.hold.parentKeyId, row.receipt)
    }
  }

  #addSpent(keyId: string, { credits, refunded, settled_at_ms: settledAtMs }: ChargeRow['receipt']): void {
    add(this.#spent.total, keyId, credits - refunded)
    const startMs = this.#periodStarts.get(keyId)
    if (startMs !== undefined && settledAtMs >= startMs) add(this.#spent.sincePeriod, keyId, credits - refunded)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
