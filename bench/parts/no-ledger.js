/*
 * A ledger that holds and settles nothing: what a request costs without one. Everything else (accounts,
 * grants, the audit) is the real one's. Only benches know of it; no switch of the server leads here.
 */
import { creditsToJson } from '../../packages/protocol/src/money.ts'
import { createLedger as createReal } from '../../packages/server/src/ledger/service.ts'

export function createLedger(deps) {
  const contexts = new Map()

  async function resolve({ requestId, charge = 0n, outcome }) {
    const context = contexts.get(requestId)
    contexts.delete(requestId)
    return { ok: true, receipt: receiptOf({ requestId, charge, outcome, context }) }
  }

  return {
    ...createReal(deps),
    hold({ requestId, tokensWanted: tokens, context }) {
      contexts.set(requestId, context)
      const held = Promise.resolve({ ok: true, amount: 0n, tokens, clamped: null })
      return { decided: held, durable: held }
    },
    settle: resolve,
    release: resolve
  }
}

function receiptOf({ requestId, charge, outcome, context }) {
  return {
    request_id: requestId,
    model: context.model,
    route_reason: context.routeReason,
    provider: context.provider,
    rate_version: context.rateVersion,
    discount: context.discount,
    clamped: null,
    ...outcome,
    credits: creditsToJson(charge),
    from_subscription: 0,
    from_topup: creditsToJson(charge),
    uncollected: 0,
    settled_at: new Date().toISOString(),
    warnings: [],
    balance: 0,
    ledger_head: ''
  }
}
