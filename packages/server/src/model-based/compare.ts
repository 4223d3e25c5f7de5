import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { creditsToJson } from '@caicaini/protocol'
import { createReads } from '../ledger/reads.js'
import { readReceipt } from '../ledger/store.js'
import type { Db } from '../storage/tables.js'
import type { PlainBooks } from './plain-books.js'

/** Every figure of the ledger against the plain books: grants, keys, open holds, marks, balances, and the sum of it all. */
export async function compare(db: Db, books: PlainBooks, nowMs: () => number): Promise<void> {
  await compareGrants(db, books)
  await compareKeys(db, books)
  const open = await db.selectFrom('hold').select(['request_id', 'amount']).where('state', '=', 'held').execute()
  deepStrictEqual(
    new Map(open.map(({ request_id, amount }) => [request_id, amount])),
    new Map([...books.holds.values()].filter(({ state }) => state === 'held').map((h) => [h.requestId, h.amount]))
  )
  const heads = await db.selectFrom('ledger_account').select(['account_id', 'mark', 'warned']).execute()
  for (const { account_id: id, mark, warned } of heads)
    deepStrictEqual({ id, mark, warned: Number(warned) }, { id, ...(books.marks.get(id) ?? { mark: 0n, warned: 0 }) })
  await compareSums(db, books)
  await compareBalances(db, books, nowMs)
}

async function compareGrants(db: Db, books: PlainBooks): Promise<void> {
  const rows = await db.selectFrom('grant').select(['id', 'amount', 'remaining', 'held']).orderBy('id').execute()
  for (const { id, amount, remaining, held } of rows)
    ok(0n <= held && held <= remaining && remaining <= amount, `${id}: ${held} ≤ ${remaining} ≤ ${amount}`)
  const plain = books.grants.map(({ id, amount, remaining, held }) => ({ id, amount, remaining, held }))
  deepStrictEqual(
    rows,
    plain.sort((a, b) => (a.id < b.id ? -1 : 1))
  )
}

async function compareKeys(db: Db, books: PlainBooks): Promise<void> {
  const rows = await db.selectFrom('key_quota').selectAll().orderBy('key_id').execute()
  const figures = rows.map(({ key_id: id, used, held, used_total: usedTotal, warned }) => {
    ok(used >= 0n && held >= 0n && usedTotal >= 0n, `${id}: nothing is negative`)
    return { id, used, held, usedTotal, warned: Number(warned) }
  })
  const plain = [...books.keys.values()].map(({ id, used, held, usedTotal, warned }) => {
    return { id, used, held, usedTotal, warned }
  })
  deepStrictEqual(figures, plain)
}

/** Each kind of entry, and that they come out: granted ± adjusted + refunded = spent + remaining + expired + forfeited. */
async function compareSums(db: Db, books: PlainBooks): Promise<void> {
  const rows = await db
    .selectFrom('entry')
    .select(({ fn }) => ['account_id', 'kind', fn.sum<bigint>('amount').as('sum')])
    .groupBy(['account_id', 'kind'])
    .execute()
  const sums = new Map<string, Record<string, bigint>>()
  for (const { account_id, kind, sum } of rows) sums.set(account_id, { ...sums.get(account_id), [kind]: sum })
  for (const [accountId, own] of sums) {
    const of = (kind: string) => own[kind] ?? 0n
    const remaining = books.grants
      .filter((grant) => grant.accountId === accountId)
      .reduce((sum, grant) => sum + grant.remaining, 0n)
    const given = of('grant') + of('adjust') + of('refund')
    strictEqual(given, -of('spend') + remaining - of('expire') - of('forfeit'), `the sum of ${accountId}`)
    for (const [kind, sum] of Object.entries(books.entered.get(accountId) ?? {}))
      strictEqual(of(kind), sum, `${kind} of ${accountId}`)
  }
}

async function compareBalances(db: Db, books: PlainBooks, nowMs: () => number): Promise<void> {
  const reads = createReads({ db, clock: { nowMs, after: () => () => {} } })
  for (const accountId of new Set(books.grants.map((grant) => grant.accountId))) {
    const { balance, available, grants } = await reads.balance(accountId)
    deepStrictEqual(
      { balance, available, grants: grants.map(({ id }) => id) },
      {
        balance: books.balance(accountId),
        available: books.available(accountId),
        grants: books.live(accountId).map(({ id }) => id)
      }
    )
  }
}

/** What was told is what is kept, with what was given back since; what nobody was told costs nothing. */
export async function compareReceipts(
  db: Db,
  books: PlainBooks,
  told: ReadonlyMap<string, { readonly receipt: object }>
): Promise<void> {
  for (const { requestId, accountId, state, refunded } of books.holds.values()) {
    const found = await readReceipt(db, accountId, requestId)
    const receipt = told.get(requestId)?.receipt
    if (state === 'held') strictEqual(found?.receipt, 'pending')
    else if (receipt)
      deepStrictEqual(found?.receipt, refunded === 0n ? receipt : { ...receipt, refunded: creditsToJson(refunded) })
    else ok(found?.receipt !== 'pending' && found?.receipt.status === 'released' && found.receipt.credits === 0)
  }
}
