import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Principal } from '../keys/key.js'
import { judge, needOf } from './roles.js'

export interface OperatorGuardDeps {
  readonly isSteppedUp: (session: NonNullable<Principal['session']>) => boolean
}

/** Stands before everything under /admin/api, and lets through whom the table of roles does. */
export function requireOperator({ isSteppedUp }: OperatorGuardDeps): MiddlewareHandler<KnownEnv> {
  return async (c, next) => {
    const { key, account, session } = c.var.principal
    const { method, path } = c.req
    const need = needOf(method, path)
    const asker = {
      scope: key.scope,
      role: account.role,
      factors: session?.factors,
      isSteppedUp: session !== undefined && isSteppedUp(session)
    }
    switch (judge(asker, { need, isChange: method !== 'GET' && method !== 'HEAD' })) {
      case 'may':
        return next()
      case 'no operator':
        throw new AppError(
          'scope',
          'operator commands need --local on the machine that holds the data, or the browser session of an operator'
        )
      case 'needs role':
        throw new AppError('scope', `this needs the role ${need ?? 'owner, with --local'}; yours is ${account.role}`)
      case 'needs second factor':
        throw new AppError('scope', 'operators prove themselves with a second factor: set one up, then sign in with it')
      case 'needs proof':
        throw new AppError('step_up', 'prove once more that it is you, then try again')
    }
  }
}
