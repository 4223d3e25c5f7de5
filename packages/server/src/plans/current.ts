import type { MiddlewareHandler } from 'hono'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Principal } from '../keys/key.js'
import type { Plans } from './service.js'

/** The principal with the plan that is in force now, its month made. */
export function createCurrent(plans: Plans) {
  return async (principal: Principal, asOfMs: number): Promise<Principal> => {
    const { account } = principal
    const plan = await plans.current(account, asOfMs)
    return plan === account.plan ? principal : { ...principal, account: { ...account, plan } }
  }
}

/** Brings the principal of each request up to this month, before anything is judged by its plan or counted of its credits. */
export function keepCurrent(current: ReturnType<typeof createCurrent>): MiddlewareHandler<KnownEnv> {
  return async (c, next) => {
    c.set('principal', await current(c.var.principal, c.var.startedAtMs))
    await next()
  }
}
