import { creditsToJson, formatCredits } from '@caicaini/protocol'
import { AuditReport, Since } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { streamOf } from '../http/ndjson.js'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Totals } from '../ledger/audit-rules.js'
import type { Entry } from '../ledger/model.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import { momentOf } from '../lib/since.js'

const auditLedger = createRoute({
  method: 'get',
  path: '/admin/api/ledger/audit',
  responses: { 200: json(AuditReport, 'Every balance and chain recomputed, each difference named') }
})
const exportEntries = createRoute({
  method: 'get',
  path: '/admin/api/ledger/export',
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

/** The books of all accounts: checked, and told. */
export function ledgerBooksRoutes({ ledger, clock }: { ledger: Ledger; clock: Clock }) {
  return createApiRouter<KnownEnv>()
    .openapi(auditLedger, async (c) => {
      const { holdsOpen: holds_open, differences, totals, ...rest } = await ledger.audit()
      return c.json({ ...rest, holds_open, totals: mapTotals(totals), differences: [...differences] }, 200)
    })
    .openapi(exportEntries, async (c) => {
      const { since, format } = c.req.valid('query')
      const entries = ledger.exportEntries(momentOf(since, clock.nowMs()))
      const body = format === 'csv' ? streamOf(withHead(entries), csvLine) : streamOf(entries, jsonLine)
      const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson'
      // The description knows JSON answers alone.
      return c.body(body, 200, { 'content-type': type }) as never
    })
}

/** As decimal texts: sums over all accounts may be more than a JSON number carries exactly. */
function mapTotals(totals: Totals): z.infer<typeof AuditReport>['totals'] {
  const text = (micro: bigint) => formatCredits(micro).replaceAll(',', '')
  const { grant, adjust, refund, spend, expire, forfeit, remaining, held } = totals
  return {
    granted: text(grant),
    adjusted: text(adjust),
    refunded: text(refund),
    spent: text(-spend),
    expired: text(-expire),
    forfeited: text(-forfeit),
    remaining: text(remaining),
    held: text(held)
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
  const cells = entry === 'head' ? COLUMNS : cellsOf(columnsOf(entry))
  return `${cells.join(',')}\r\n`
}

/** An amount begins with a minus and is no formula; a reference that does may be one. */
function cellsOf(columns: ReturnType<typeof columnsOf>): string[] {
  return COLUMNS.map((name) => (name === 'credits' ? columns[name] : quoted(columns[name])))
}

/** RFC 4180; a text that a spreadsheet would run as a formula is one for it no more. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function jsonLine(entry: Entry): string {
  const { account_seq, credits, ...rest } = columnsOf(entry)
  const numbers = { account_seq: Number(account_seq), credits: creditsToJson(entry.amount) }
  return `${JSON.stringify({ ...rest, ...numbers, detail_hash: entry.detailHash, prev_hash: entry.prevHash })}\n`
}
