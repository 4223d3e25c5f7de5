import { AppError, creditsToJson } from '@caicaini/protocol'
import { Since, Usage, UsageBy } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Clock } from '../lib/clock.js'
import { momentOf } from '../lib/since.js'
import type { Db } from '../storage/tables.js'
import { readUsage, readUsageTotal, type UsageRow } from './store.js'

/** Names in one report at most: what is beyond them is in the total. */
const ROWS_MAX = 1000

const usage = createRoute({
  method: 'get',
  path: '/api/usage',
  request: { query: z.object({ since: Since.default('7d'), until: Since.optional(), by: UsageBy.default('day') }) },
  responses: { 200: json(Usage, 'What the requests of that time used and cost') }
})

/** What an account used: sums over its receipts, which are the ledger's. */
export function usageRoutes({ db, clock }: { db: Db; clock: Clock }) {
  return createApiRouter<KnownEnv>().openapi(usage, async (c) => {
    const { since, until, by } = c.req.valid('query')
    const { account, key } = c.var.principal
    const fromMs = momentOf(since, clock.nowMs())
    // What is settled in this very millisecond is of this report.
    const toMs = until === undefined ? clock.nowMs() + 1 : momentOf(until, clock.nowMs())
    if (toMs <= fromMs) throw new AppError('invalid_request', `since: must be before until, got ${since}`)
    // A key for the API sees what it and its session keys used, not the account's other keys.
    const keyId = key.scope === 'api' ? key.id : undefined
    const ask = { accountId: account.id, keyId, fromMs, toMs }
    const [rows, total] = await Promise.all([readUsage(db, { ...ask, by, rowsMax: ROWS_MAX }), readUsageTotal(db, ask)])
    const { name: _, ...sums } = toJson(total)
    const times = { since: new Date(fromMs).toISOString(), until: new Date(toMs).toISOString() }
    return c.json({ ...times, by, rows: rows.map(toJson), total: sums }, 200)
  })
}

function toJson(row: UsageRow) {
  return {
    name: row.name,
    requests: row.requests,
    billed: row.billed,
    failed: row.failed,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cache_read_tokens: row.cacheReadTokens,
    cache_write_tokens: row.cacheWriteTokens,
    credits: creditsToJson(row.credits),
    refunded: creditsToJson(row.refunded)
  }
}
