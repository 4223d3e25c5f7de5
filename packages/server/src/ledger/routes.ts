import {
  AppError,
  CREDITS_PER_USD,
  creditsToJson,
  type ExportLine,
  MICRO_PER_CREDIT,
  type RateLine,
  type Receipt
} from '@caicaini/protocol'
import { Balance, PendingReceipt, ReceiptJson, ReceiptList, Since } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { ndjson } from '../http/ndjson.js'
import { createApiRouter, IdParam, json } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { Clock } from '../lib/clock.js'
import { momentOf } from '../lib/since.js'
import type { Grant } from './model.js'
import type { BalanceSheet } from './reads.js'
import type { Ledger } from './service.js'

const Wait = z
  .string()
  .regex(/^(?:[0-9]|[12][0-9]|30)s$/, 'must be whole seconds such as 2s, at most 30s')
  .optional()
  .openapi({ example: '2s', description: 'How long to wait for a request that is still open' })

const balance = createRoute({
  method: 'get',
  path: '/api/balance',
  responses: { 200: json(Balance, 'Live credits, in the order in which they are spent') }
})
const receipt = createRoute({
  method: 'get',
  path: '/api/receipts/{id}',
  request: { params: IdParam, query: z.object({ wait: Wait }) },
  responses: {
    200: json(ReceiptJson, 'What the request was billed'),
    202: json(PendingReceipt, 'The request is still open')
  }
})

const receipts = createRoute({
  method: 'get',
  path: '/api/receipts',
  request: {
    query: z.object({
      since: Since.optional(),
      before: z.string().max(160).optional().openapi({ description: 'The `next` of the page before' }),
      limit: z.coerce.number().int().min(1, 'must be at least 1').max(200, 'must be at most 200').default(50)
    })
  },
  responses: { 200: json(ReceiptList, 'Receipts, newest first') }
})
const exportBook = createRoute({
  method: 'get',
  path: '/api/ledger/export',
  middleware: requireScope(['cli', 'local'], 'it takes a key of scope "cli", or --local'),
  request: { query: z.object({ since: Since.optional() }) },
  responses: {
    200: {
      content: { 'application/x-ndjson': { schema: z.string() } },
      description: "The account's book: one JSON object a line, all that its hashes cover"
    }
  }
})

export interface LedgerRoutesDeps {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Every rate ever published. */
  readonly rates: () => Promise<readonly RateLine[]>
}

export function ledgerRoutes({ ledger, clock, rates }: LedgerRoutesDeps) {
  return createApiRouter<KnownEnv>()
    .openapi(balance, async (c) => c.json(toJson(await ledger.balance(c.var.principal.account.id)), 200))
    .openapi(receipts, async (c) => {
      const { account, key } = c.var.principal
      const { since, before, limit } = c.req.valid('query')
      const keyId = key.scope === 'api' ? key.id : undefined
      const ask = { accountId: account.id, keyId, sinceMs: momentOf(since, clock.nowMs()), before, count: limit }
      const { receipts: page, next } = await ledger.receipts(ask)
      return c.json({ receipts: page.map(receiptToJson), next }, 200)
    })
    .openapi(exportBook, async (c) => {
      const since = momentOf(c.req.valid('query').since, clock.nowMs())
      const lines = ledger.exportAccount(c.var.principal.account.id, since)
      // The description knows JSON answers alone.
      return ndjson(c, withRates(lines, await rates())) as never
    })
    .openapi(receipt, async (c) => {
      const { account, key } = c.var.principal
      const requestId = c.req.valid('param').id
      const waitS = Number.parseInt(c.req.valid('query').wait ?? '0', 10)
      const found = await ledger.receipt({
        accountId: account.id,
        requestId,
        waitMs: waitS * 1000,
        signal: c.req.raw.signal,
        // A key for the API sees its own requests, not those of the account's other keys.
        ...(key.scope === 'api' && { keyId: key.id })
      })
      if (found === undefined) throw new AppError('not_found', `receipt: there is none for "${requestId}"`)
      if (found === 'pending') return c.json({ request_id: requestId, status: 'pending' as const }, 202)
      return c.json(receiptToJson(found), 200)
    })
}

/** Receipts settled before there were warnings have none. */
function receiptToJson(receipt: Receipt): z.infer<typeof ReceiptJson> {
  return { ...receipt, parts: [...receipt.parts], warnings: [...(receipt.warnings ?? [])] }
}

/** The rates stand after the first line, which says whose book it is. */
async function* withRates(lines: AsyncIterable<ExportLine>, rates: readonly RateLine[]): AsyncGenerator<ExportLine> {
  for await (const line of lines) {
    yield line
    if (line.type === 'account') yield* rates
  }
}

function toJson(sheet: BalanceSheet): z.infer<typeof Balance> {
  const usdCents = (sheet.balance * 100n) / (CREDITS_PER_USD * MICRO_PER_CREDIT)
  return {
    balance: creditsToJson(sheet.balance),
    held: creditsToJson(sheet.balance - sheet.available),
    available: creditsToJson(sheet.available),
    subscription: creditsToJson(sheet.subscription),
    topup: creditsToJson(sheet.balance - sheet.subscription),
    usd: `${usdCents / 100n}.${(usdCents % 100n).toString().padStart(2, '0')}`,
    grants: sheet.grants.map(grantToJson)
  }
}

function grantToJson(grant: Grant): z.infer<typeof Balance>['grants'][number] {
  return {
    id: grant.id,
    kind: grant.kind,
    amount: creditsToJson(grant.amount),
    remaining: creditsToJson(grant.remaining),
    held: creditsToJson(grant.held),
    starts_at: new Date(grant.startsAtMs).toISOString(),
    expires_at: grant.expiresAtMs === null ? null : new Date(grant.expiresAtMs).toISOString(),
    reference: grant.reference
  }
}
