import { CHAIN_START, creditsFromJson, entryHash, type Receipt, receiptDetailHash } from '@caicaini/protocol'
import type { Db } from '../storage/tables.js'
import { grantDetailHash } from './decide.js'
import type { Entry, Grant, Hold } from './model.js'
import { toEntry, toGrant, toHold } from './store.js'

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
  readonly differences: readonly Difference[]
}

/** What the audit reads of one account. */
export interface AccountBooks {
  readonly accountId: string
  readonly head: { readonly accountSeq: bigint; readonly hash: string } | undefined
  readonly entries: readonly Entry[]
  readonly grants: readonly Grant[]
  readonly holds: readonly Hold[]
  readonly receipts: readonly AuditedReceipt[]
  readonly quotas: readonly { readonly keyId: string; readonly used: bigint; readonly held: bigint }[]
}

export interface AuditedReceipt {
  readonly requestId: string
  readonly keyId: string
  readonly credits: bigint
  readonly receipt: Receipt
}

/** Recomputes every balance and chain from the entries alone, in one consistent read, and names what differs. */
export async function audit(db: Db): Promise<AuditResult> {
  return db.transaction().execute(async (tx) => {
    const accounts = await tx.selectFrom('account').select('id').orderBy('id').execute()
    const result = { accounts: accounts.length, entries: 0, grants: 0, holdsOpen: 0, receipts: 0 }
    const differences: Difference[] = []
    for (const { id } of accounts) {
      const books = await readBooks(tx, id)
      result.entries += books.entries.length
      result.grants += books.grants.length
      result.holdsOpen += books.holds.filter(({ state }) => state === 'held').length
      result.receipts += books.receipts.length
      differences.push(...auditAccount(books))
    }
    return { ok: differences.length === 0, ...result, differences }
  })
}

async function readBooks(tx: Db, accountId: string): Promise<AccountBooks> {
  const head = await tx.selectFrom('ledger_account').selectAll().where('account_id', '=', accountId).executeTakeFirst()
  const entries = await tx
    .selectFrom('entry')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('account_seq')
    .execute()
  const grants = await tx.selectFrom('grant').selectAll().where('account_id', '=', accountId).execute()
  const holds = await tx.selectFrom('hold').selectAll().where('account_id', '=', accountId).execute()
  const receipts = await tx.selectFrom('receipt').selectAll().where('account_id', '=', accountId).execute()
  const quotas = await tx
    .selectFrom('key_quota')
    .innerJoin('api_key', 'api_key.id', 'key_quota.key_id')
    .select(['key_id', 'used', 'held'])
    .where('api_key.account_id', '=', accountId)
    .execute()
  return {
    accountId,
    head: head && { accountSeq: head.account_seq, hash: head.head_hash },
    entries: entries.map(toEntry),
    grants: grants.map(toGrant),
    holds: holds.map(toHold),
    receipts: receipts.map((row) => ({
      requestId: row.request_id,
      keyId: row.key_id,
      credits: row.credits,
      receipt: JSON.parse(row.body) as Receipt
    })),
    quotas: quotas.map(({ key_id, used, held }) => ({ keyId: key_id, used, held }))
  }
}

/** Every rule of the books, on one account. Pure. */
export function auditAccount(books: AccountBooks): Difference[] {
  const differences: Difference[] = []
  const differ = (what: string, detail: string) => differences.push({ account: books.accountId, what, detail })
  checkChain(books, differ)
  checkGrants(books, differ)
  checkHolds(books, differ)
  checkReceipts(books, differ)
  checkQuotas(books, differ)
  return differences
}

type Differ = (what: string, detail: string) => void

function checkChain({ entries, head }: AccountBooks, differ: Differ): void {
  let previous = { accountSeq: 0n, hash: CHAIN_START }
  for (const entry of entries) {
    const at = `entry ${entry.accountSeq}`
    if (entry.accountSeq !== previous.accountSeq + 1n) differ('chain', `${at} follows entry ${previous.accountSeq}`)
    if (entry.prevHash !== previous.hash) differ('chain', `${at} names another entry before it than the one there`)
    if (entryHash(entry) !== entry.hash) differ('chain', `${at} is not what its hash was made of`)
    previous = entry
  }
  if ((head?.hash ?? CHAIN_START) !== previous.hash || (head?.accountSeq ?? 0n) !== previous.accountSeq) {
    differ('chain', `the head is at entry ${head?.accountSeq ?? 0n}, the last entry is ${previous.accountSeq}`)
  }
}

/** granted ± adjusted + refunded = spent + remaining + expired + forfeited, for each grant. */
function checkGrants({ entries, grants, holds }: AccountBooks, differ: Differ): void {
  const sums = sumsOf(entries.flatMap(({ grantId, amount }) => (grantId === null ? [] : [[grantId, amount]])))
  const granted = sumsOf(
    entries.flatMap(({ kind, grantId, amount }) => (kind === 'grant' && grantId !== null ? [[grantId, amount]] : []))
  )
  const allocations = holds.filter(({ state }) => state === 'held').flatMap(({ allocation }) => allocation)
  const held = sumsOf(allocations.map(({ grantId, amount }) => [grantId, amount]))
  const hashes = new Map(entries.map((entry) => [entry.kind === 'grant' ? entry.grantId : null, entry.detailHash]))
  for (const grant of grants) {
    const { id, amount, remaining } = grant
    if (hashes.get(id) !== grantDetailHash(grant)) differ('grant', `${id}: is not what its entry was made of`)
    if (granted.get(id) !== amount)
      differ('grant', `${id}: amount ${amount}, its entry says ${granted.get(id) ?? 'nothing'}`)
    if ((sums.get(id) ?? 0n) !== remaining)
      differ('remaining', `${id}: ${remaining}, its entries sum to ${sums.get(id) ?? 0n}`)
    if ((held.get(id) ?? 0n) !== grant.held)
      differ('held', `${id}: ${grant.held}, its open holds sum to ${held.get(id) ?? 0n}`)
    sums.delete(id)
  }
  for (const id of sums.keys()) differ('grant', `${id}: has entries but is no grant of this account`)
}

function checkHolds({ holds, receipts }: AccountBooks, differ: Differ): void {
  const statuses = new Map(receipts.map(({ requestId, receipt }) => [requestId, receipt.status]))
  for (const { requestId, state, amount, allocation } of holds) {
    const allocated = allocation.reduce((sum, movement) => sum + movement.amount, 0n)
    if (allocated !== amount) differ('hold', `${requestId}: ${amount}, allocated ${allocated}`)
    const status = statuses.get(requestId)
    const billed = status === 'complete' || status === 'aborted'
    const expected = status === undefined ? 'held' : billed ? 'settled' : 'released'
    // An abort before the first byte is no charge: released, and says aborted.
    const fits = state === expected || (state === 'released' && status === 'aborted')
    if (!fits) differ('hold', `${requestId}: ${state}, its receipt says ${status ?? 'nothing'}`)
  }
}

function checkReceipts({ entries, receipts, holds }: AccountBooks, differ: Differ): void {
  const spends = new Map<string, Entry[]>()
  for (const entry of entries) {
    if (entry.kind !== 'spend') continue
    const lines = spends.get(entry.reference)
    if (lines) lines.push(entry)
    else spends.set(entry.reference, [entry])
  }
  const states = new Map(holds.map(({ requestId, state }) => [requestId, state]))
  for (const { requestId, credits, receipt } of receipts) {
    const lines = spends.get(requestId) ?? []
    spends.delete(requestId)
    const spent = -lines.reduce((sum, { amount }) => sum + amount, 0n)
    if (spent !== credits) differ('receipt', `${requestId}: ${credits} credits charged, its entries say ${spent}`)
    if (creditsFromJson(receipt.credits) !== credits)
      differ('receipt', `${requestId}: shows ${receipt.credits}, charged ${credits}`)
    if (lines.length > 0 !== (states.get(requestId) === 'settled'))
      differ('receipt', `${requestId}: ${lines.length} spend entries`)
    const hash = receiptDetailHash(receipt)
    if (lines.some((line) => line.detailHash !== hash))
      differ('receipt', `${requestId}: is not what its entries were made of`)
  }
  for (const reference of spends.keys()) differ('receipt', `${reference}: has spend entries but no receipt`)
}

function checkQuotas({ quotas, receipts, holds }: AccountBooks, differ: Differ): void {
  const spent = sumsOf(receipts.map(({ keyId, credits }) => [keyId, credits]))
  const open = sumsOf(holds.filter(({ state }) => state === 'held').map(({ keyId, amount }) => [keyId, amount]))
  for (const { keyId, used, held } of quotas) {
    if (used !== (spent.get(keyId) ?? 0n))
      differ('key', `${keyId}: used ${used}, its receipts sum to ${spent.get(keyId) ?? 0n}`)
    if (held !== (open.get(keyId) ?? 0n))
      differ('key', `${keyId}: held ${held}, its open holds sum to ${open.get(keyId) ?? 0n}`)
  }
}

function sumsOf(amounts: readonly (readonly [key: string, amount: bigint])[]): Map<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const [key, amount] of amounts) sums.set(key, (sums.get(key) ?? 0n) + amount)
  return sums
}
