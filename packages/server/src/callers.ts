import type { Context, MiddlewareHandler } from 'hono'
import type { Config } from './config.js'
import { clientName } from './http/client-name.js'
import { visitorOf } from './identity/visitor.js'
import { authenticate, type KnownEnv } from './keys/authenticate.js'
import type { Parts } from './parts.js'
import { keepCurrent } from './plans/current.js'
import { findSessionPrincipal } from './sessions/principal.js'

/** Who calls, and where from: what stands before every route that needs to know. */
export function buildCallers({ keys, owner, sessions, current, signals }: Parts, { trustedProxies, site }: Config) {
  const addressOf = (c: Context<KnownEnv>) => visitorOf(c, trustedProxies).address
  const useOf = (c: Context<KnownEnv>) => ({ address: addressOf(c), client: clientName(c.req.raw.headers) })
  const findSession = findSessionPrincipal(sessions, site.appealContact)
  const known = [authenticate({ keys, ownerId: owner.id, findSession, useOf }), keepCurrent(current)] as const

  /** Where keys are used from, for the signs of abuse. */
  const noteUse: MiddlewareHandler<KnownEnv> = async (c, next) => {
    const { account, key } = c.var.principal
    const { address, client } = useOf(c)
    if (account.role !== 'owner')
      signals.noteRequest({
        accountId: account.id,
        keyId: key.parentId ?? key.id,
        address,
        client: client ?? undefined
      })
    await next()
  }

  return { known, addressOf, noteUse }
}
