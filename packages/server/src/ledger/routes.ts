import { AppError, CREDITS_PER_USD, creditsToJson, MICRO_PER_CREDIT } from '@caicaini/protocol'
import { Balance, PendingReceipt, ReceiptJson } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, IdParam, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
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

export function ledgerRoutes({ ledger }: { ledger: Ledger }) {
  return createApiRouter<KnownEnv>()
    .openapi(balance, async (c) => c.json(toJson(await ledger.balance(c.var.principal.account.id)), 200))
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
      return c.json({ ...found, parts: [...found.parts], warnings: [...(found.warnings ?? [])] }, 200)
    })
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
