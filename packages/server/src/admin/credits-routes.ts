import { AppError, creditsFromJson, creditsToJson, formatCredits } from '@caicaini/protocol'
import { Reconcile, Reconciled, Since, TakeCredits, TakenCredits } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import type { Accounts } from '../accounts/service.js'
import { streamOf } from '../http/ndjson.js'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import { type KnownEnv, operatorOnly } from '../keys/authenticate.js'
import type { Entry } from '../ledger/model.js'
import type { BadCharge } from '../ledger/reads.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import { momentOf } from '../lib/since.js'
import type { Db } from '../storage/tables.js'

/** Charges given back in one transaction at most: a larger window is to be told in parts. */
const REFUNDS_MAX = 5_000

const take = createRoute({
  method: 'post',
  path: '/admin/api/credits/take',
  middleware: operatorOnly,
  request: jsonBody(TakeCredits),
  responses: { 200: json(TakenCredits, 'What was taken, and what is left') }
})
const reconcile = createRoute({
  method: 'post',
  path: '/admin/api/credits/reconcile',
  middleware: operatorOnly,
  request: jsonBody(Reconcile),
  responses: { 200: json(Reconciled, 'The charges that were given back, or would be') }
})
const exportEntries = createRoute({
  method: 'get',
  path: '/admin/api/ledger/export',
  middleware: operatorOnly,
  request: {
    query: z.object({
      since: Since.optional(),
      format: z.enum(['csv', 'jsonl'], { error: 'must be csv or jsonl' }).default('jsonl')
    })
  },
  responses: {
    200: {
      content: { 'application/x-ndjson': { schema: z.string() }, 'text/csv': { schema: z.string() } },
      description: "Every account's entries, oldest account first, one a line"
    }
  }
})

export interface CreditsRoutesDeps {
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly ids: Ids
  readonly clock: Clock
  readonly db: Db
}

export function creditsRoutes({ accounts, ledger, ids, clock, db }: CreditsRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(take, async (c) => {
      const { username, kind, credits, reason, reference } = c.req.valid('json')
      if (kind === 'adjust' && credits === undefined)
        throw new AppError('invalid_request', 'credits: an adjustment needs the amount to take')
      const { id: accountId } = await accounts.byUsername(username)
      const result = await ledger.take({
        kind,
        accountId,
        amount: credits === undefined ? null : creditsFromJson(credits),
        reference: reference ?? `operator:${ids.next('op')}`,
        detail: { by: c.var.principal.account.username, reason }
      })
      const { taken, again, balance } = result
      return c.json({ taken: creditsToJson(taken), again, balance: creditsToJson(balance) }, 200)
    })
    .openapi(reconcile, async (c) => {
      const { provider, from, to, reason, dry_run } = c.req.valid('json')
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)]
      if (toMs <= fromMs) throw new AppError('invalid_request', `to: must be after from, got ${to}`)
      const charges = await ledger.badCharges({ provider, fromMs, toMs })
      if (charges.length > REFUNDS_MAX) {
        const message = `to: there are ${charges.length} charges until then, ${REFUNDS_MAX} at most are given back at once`
        throw new AppError('invalid_request', message)
      }
      const by = c.var.principal.account.username
      const detail = { by, reason: reason ?? `${provider} failed from ${from} to ${to}`, batch: ids.next('op') }
      const refunded = dry_run ? charges : await refund(charges, detail)
      return c.json({ dry_run, ...summary(refunded), charges: refunded.map(chargeToJson) }, 200)
    })
    .openapi(exportEntries, async (c) => {
      const { since, format } = c.req.valid('query')
      const entries = ledger.exportEntries(momentOf(since, clock.nowMs()))
      const body = format === 'csv' ? streamOf(withHead(entries), csvLine) : streamOf(entries, jsonLine)
      const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson'
      return c.body(body, 200, { 'content-type': type }) as never
    })

  /** All in one transaction; another one that gave some of them back meanwhile has given those. */
  async function refund(charges: readonly BadCharge[], detail: Record<string, string>): Promise<BadCharge[]> {
    const results = await db.transaction().execute((tx) => ledger.refundIn(tx, charges, detail))
    return charges.filter((_, i) => (results[i]?.refunded ?? 0n) > 0n)
  }
}

function summary(charges: readonly BadCharge[]) {
  const credits = charges.reduce((sum, charge) => sum + charge.credits, 0n)
  const accounts = new Set(charges.map(({ accountId }) => accountId)).size
  return { requests: charges.length, accounts, credits: creditsToJson(credits) }
}

function chargeToJson({ requestId, accountId, model, settledAtMs, why, credits }: BadCharge) {
  return {
    request_id: requestId,
    account: accountId,
    model,
    settled_at: new Date(settledAtMs).toISOString(),
    why,
    credits: creditsToJson(credits)
  }
}

const COLUMNS = ['account_id', 'account_seq', 'time', 'kind', 'credits', 'grant_id', 'reference', 'hash'] as const

/** As a spreadsheet would have it: exact decimal credits, a time, and no field that needs a quote but a reference. */
function columnsOf(entry: Entry): Record<(typeof COLUMNS)[number], string> {
  return {
    account_id: entry.accountId,
    account_seq: entry.accountSeq.toString(),
    time: new Date(entry.createdAtMs).toISOString(),
    kind: entry.kind,
    credits: formatCredits(entry.amount).replaceAll(',', ''),
    grant_id: entry.grantId ?? '',
    reference: entry.reference,
    hash: entry.hash
  }
}

async function* withHead(entries: AsyncIterable<Entry>): AsyncGenerator<Entry | 'head'> {
  yield 'head'
  yield* entries
}

function csvLine(entry: Entry | 'head'): string {
  const cells = entry === 'head' ? COLUMNS : COLUMNS.map((name) => quoted(columnsOf(entry)[name]))
  return `${cells.join(',')}\r\n`
}

/** RFC 4180; a text that a spreadsheet would run as a formula is one for it no more. */
function quoted(cell: string): string {
  const safe = /^[=+@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function jsonLine(entry: Entry): string {
  const { account_seq, credits, ...rest } = columnsOf(entry)
  const numbers = { account_seq: Number(account_seq), credits: creditsToJson(entry.amount) }
  return `${JSON.stringify({ ...rest, ...numbers, detail_hash: entry.detailHash, prev_hash: entry.prevHash })}\n`
}
