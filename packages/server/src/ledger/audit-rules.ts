import {
  CHAIN_START,
  creditsFromJson,
  detailHash,
  entryHash,
  parseReceiptJson,
  type Receipt,
  receiptDetailHash
} from '@caicaini/protocol'
import type { Row } from '../storage/tables.js'
import { sumOf } from './burn.js'
import { grantDetailHash } from './decide/grant.js'
import type { Entry, EntryKind, Grant, Hold } from './model.js'
import { receiptRow } from './rows.js'

/** Names a rule that the books break, with both figures. */
export type Differ = (what: string, detail: string) => void

/** Σ of entries by kind, and of grants as they are: granted ± adjusted + refunded = spent + remaining + expired + forfeited. */
export type Totals = Record<EntryKind | 'remaining' | 'held', bigint>

export function noTotals(): Totals {
  return { grant: 0n, spend: 0n, expire: 0n, refund: 0n, forfeit: 0n, adjust: 0n, remaining: 0n, held: 0n }
}

/** What the entries of one account, read in order, say of each grant and charge. */
export class ChainReader {
  readonly #differ: Differ
  readonly #sums = new Map<string, bigint>()
  readonly #granted = new Map<string, Pick<Entry, 'amount' | 'detailHash' | 'reference'>>()
  /** Given back of each request, by the refund's own lines and the grants that stand in for expired ones. */
  readonly refunded = new Map<string, bigint>()
  #previous = { accountSeq: 0n, hash: CHAIN_START }
  count = 0

  constructor(differ: Differ) {
    this.#differ = differ
  }

  read(entry: Entry): void {
    const at = `entry ${entry.accountSeq}`
    const previous = this.#previous
    if (entry.accountSeq !== previous.accountSeq + 1n)
      this.#differ('chain', `${at} follows entry ${previous.accountSeq}`)
    if (entry.prevHash !== previous.hash)
      this.#differ('chain', `${at} names another entry before it than the one there`)
    if (entryHash(entry) !== entry.hash) this.#differ('chain', `${at} is not what its hash was made of`)
    this.#previous = entry
    this.count++
    this.#sum(entry)
  }

  /** Who and why, of an entry that neither a grant nor a receipt explains. */
  checkDetail(entry: Entry, detail: unknown): void {
    if (detailHash(detail) !== entry.detailHash)
      this.#differ('detail', `entry ${entry.accountSeq}: its detail is not what its hash was made of`)
  }

  #sum({ kind, grantId, reference, amount, detailHash }: Entry): void {
    if (grantId !== null) add(this.#sums, grantId, amount)
    if (kind === 'grant' && grantId !== null) this.#granted.set(grantId, { amount, detailHash, reference })
    if (kind === 'refund') add(this.refunded, reference, amount)
    if (kind === 'grant' && reference.startsWith('refund:')) add(this.refunded, reference.slice(7), amount)
  }

  checkHead(head: { accountSeq: bigint; hash: string } | undefined): void {
    const { accountSeq, hash } = this.#previous
    if ((head?.hash ?? CHAIN_START) !== hash || (head?.accountSeq ?? 0n) !== accountSeq)
      this.#differ('chain', `the head is at entry ${head?.accountSeq ?? 0n}, the last entry is ${accountSeq}`)
  }

  /** Each grant against its entries, and what is held of it against the open holds. */
  checkGrants(grants: readonly Grant[], open: readonly Hold[]): void {
    const held = sums(open.flatMap(({ allocation }) => allocation.map(({ grantId, amount }) => [grantId, amount])))
    const unknown = new Set(this.#sums.keys())
    for (const grant of grants) {
      const { id, amount, remaining } = grant
      unknown.delete(id)
      const entered = this.#granted.get(id)
      if (entered?.detailHash !== grantDetailHash(grant) || entered.reference !== grant.reference)
        this.#differ('grant', `${id}: is not what its entry was made of`)
      if (entered?.amount !== amount)
        this.#differ('grant', `${id}: amount ${amount}, its entry says ${entered?.amount ?? 'nothing'}`)
      if ((this.#sums.get(id) ?? 0n) !== remaining)
        this.#differ('remaining', `${id}: ${remaining}, its entries sum to ${this.#sums.get(id) ?? 0n}`)
      if ((held.get(id) ?? 0n) !== grant.held)
        this.#differ('held', `${id}: ${grant.held}, its open holds sum to ${held.get(id) ?? 0n}`)
    }
    for (const id of unknown) this.#differ('grant', `${id}: has entries but is no grant of this account`)
  }
}

/** The lines in the book of one charge, and the hold and receipt that they belong to. */
export interface ChargeBooks {
  readonly requestId: string
  readonly lines: readonly Entry[]
  readonly row: { readonly hold: Hold; readonly receipt: Row<'receipt'> } | undefined
}

export function checkCharge({ requestId, lines, row }: ChargeBooks, differ: Differ): void {
  if (!row) {
    differ('receipt', `${requestId}: has spend entries but no receipt`)
    return
  }
  const { hold, receipt: stored } = row
  const { credits } = stored
  const spent = -lines.reduce((sum, { amount }) => sum + amount, 0n)
  if (spent !== credits) differ('receipt', `${requestId}: ${credits} credits charged, its entries say ${spent}`)
  if (lines.some(({ accountId }) => accountId !== hold.accountId))
    differ('hold', `${requestId}: of account ${hold.accountId}, its entries are of ${lines[0]?.accountId}`)
  checkAllocation(hold, differ)
  const receipt = parseReceiptJson(stored.body)
  const hash = receipt && receiptDetailHash(receipt)
  if (!receipt || lines.some((line) => line.detailHash !== hash)) {
    differ('receipt', `${requestId}: is not what its entries were made of`)
    return
  }
  if (lines.at(-1)?.hash !== receipt.ledger_head)
    differ('receipt', `${requestId}: names another ledger head than its last entry`)
  checkColumns(stored, { receipt, hold }, differ)
}

/** What is searched and summed by, against the receipt that the book vouches for. */
function checkColumns(
  stored: Row<'receipt'>,
  { receipt, hold }: { receipt: Receipt; hold: Hold },
  differ: Differ
): void {
  const {
    body: _,
    refunded: _later,
    ...told
  } = receiptRow({
    accountId: hold.accountId,
    keyId: hold.keyId,
    credits: creditsFromJson(receipt.credits),
    uncollected: creditsFromJson(receipt.uncollected),
    settledAtMs: Date.parse(receipt.settled_at),
    receipt,
    context: hold.context,
    errorCode: null
  })
  for (const [name, value] of Object.entries(told)) {
    const own = stored[name as keyof typeof told]
    if (own !== value) differ('receipt', `${hold.requestId}: its ${name} is ${own}, the receipt says ${value}`)
  }
}

/** Which ends a hold may have come to. An abort before the first byte is no charge: released, and says aborted. */
const STATUSES: Readonly<Record<Hold['state'], readonly (string | null)[]>> = {
  held: [null],
  settled: ['complete', 'aborted'],
  released: ['failed', 'released', 'aborted']
}

export function checkHoldRow(
  row: {
    requestId: string
    state: Hold['state']
    status: string | null
    credits: bigint
    isEntered: boolean
    isOwn: boolean
  },
  differ: Differ
): void {
  const { requestId, state, status, credits, isEntered, isOwn } = row
  if (!isOwn) differ('receipt', `${requestId}: is not of the account and key that its hold is of`)
  if (!STATUSES[state].includes(status))
    differ('hold', `${requestId}: ${state}, its receipt says ${status ?? 'nothing'}`)
  if (isEntered !== (state === 'settled'))
    differ('hold', `${requestId}: ${state}, and ${isEntered ? 'has' : 'has no'} spend entries`)
  if (state !== 'settled' && credits !== 0n) differ('receipt', `${requestId}: ${state}, yet ${credits} credits charged`)
}

/** What the book gave back of each request against what its receipt says. */
export function checkRefunds(
  { entered, told }: { entered: ReadonlyMap<string, bigint>; told: ReadonlyMap<string, bigint> },
  differ: Differ
): void {
  for (const requestId of new Set([...entered.keys(), ...told.keys()])) {
    const [sum, refunded] = [entered.get(requestId) ?? 0n, told.get(requestId) ?? 0n]
    if (sum !== refunded) differ('refund', `${requestId}: ${refunded} given back, its entries say ${sum}`)
  }
}

export function checkAllocation({ requestId, amount, allocation }: Hold, differ: Differ): void {
  const allocated = sumOf(allocation)
  if (allocated !== amount) differ('hold', `${requestId}: ${amount}, allocated ${allocated}`)
}

/** A key's counters as they are, and what the receipts and open holds of it and its session keys sum to. */
export interface QuotaBooks {
  readonly keyId: string
  readonly usedTotal: bigint
  readonly used: bigint
  readonly held: bigint
  readonly period: string
  readonly periodStartMs: bigint
}

/** Micro-credits that each key and its session keys have spent, over their life and since the present period began. */
export interface Spent {
  readonly total: ReadonlyMap<string, bigint>
  readonly sincePeriod: ReadonlyMap<string, bigint>
}

export function checkQuotas(
  quotas: readonly QuotaBooks[],
  { spent, open }: { spent: Spent; open: readonly Hold[] },
  differ: Differ
): void {
  const held = new Map<string, bigint>()
  for (const { keyId, parentKeyId, amount } of open) {
    add(held, keyId, amount)
    if (parentKeyId !== null) add(held, parentKeyId, amount)
  }
  for (const quota of quotas) {
    const { keyId } = quota
    const total = spent.total.get(keyId) ?? 0n
    const sincePeriod = spent.sincePeriod.get(keyId) ?? 0n
    if (quota.usedTotal !== total) differ('key', `${keyId}: used ${quota.usedTotal}, its receipts sum to ${total}`)
    // Of a day or a month no more than of the whole life; a clock set back dates some of it before its beginning.
    const least = quota.period === 'life' ? quota.usedTotal : sincePeriod
    if (quota.used < least || quota.used > quota.usedTotal)
      differ('key', `${keyId}: used ${quota.used} in its ${quota.period}, at least ${least}, ${quota.usedTotal} in all`)
    if (quota.held !== (held.get(keyId) ?? 0n))
      differ('key', `${keyId}: held ${quota.held}, its open holds sum to ${held.get(keyId) ?? 0n}`)
  }
}

export function add(sumsByKey: Map<string, bigint>, key: string, amount: bigint): void {
  sumsByKey.set(key, (sumsByKey.get(key) ?? 0n) + amount)
}

function sums(amounts: readonly (readonly [key: string, amount: bigint])[]): Map<string, bigint> {
  const result = new Map<string, bigint>()
  for (const [key, amount] of amounts) add(result, key, amount)
  return result
}
