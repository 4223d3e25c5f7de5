import type { BlockList } from 'node:net'
import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'
import type { Catalog } from '../catalog/catalog.js'
import { clientAddress } from '../http/client-address.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { RefusalLimiter, RefusedSubject } from '../limits/refusals.js'

/** Refusals that repeated asking does not change. 404 and 409 are how honest clients find out what there is. */
const COUNTED: readonly number[] = [400, 401, 402, 403, 413, 429]

export interface GuardEnv {
  Bindings: KnownEnv['Bindings']
  Variables: KnownEnv['Variables'] & { refusedUnseen?: true }
}

export interface GuardDeps {
  readonly refusals: RefusalLimiter
  /** Its limits are read anew for each request: a catalog may be reloaded. */
  readonly catalog: Pick<Catalog, 'limits'>
  readonly trustedProxies: BlockList
}

/**
 * Refuses, without a look at what they ask, those who were refused too often in the last minute. Such an
 * answer counts no further, so that the minute ends. The owner of the data in this process is never refused.
 */
export function createAbuseGuard({ refusals, catalog, trustedProxies }: GuardDeps) {
  async function refuseRepeated(subject: RefusedSubject, onRefuse = () => {}): Promise<void> {
    const retryAfterS = await refusals.retryAfterS(subject)
    if (retryAfterS === null) return
    onRefuse()
    const message = `Too many refused requests from this ${subject.kind}. Retry after ${retryAfterS}s.`
    throw new AppError('rate_limit', message, { retryAfterS })
  }

  /** Stands before the key is looked up, and counts every refusal behind it. */
  const byAddress: MiddlewareHandler<GuardEnv> = async (c, next) => {
    if (c.env?.local) return next()
    const peer = c.env?.peer
    const address = clientAddress({ peer, forwardedFor: c.req.header('x-forwarded-for') }, trustedProxies)
    if (address !== null) {
      const perMinute = catalog.limits.refusals_per_minute_per_address
      await refuseRepeated({ kind: 'address', id: address, perMinute })
    }
    await next()
    if (c.var.refusedUnseen || !COUNTED.includes(c.res.status)) return
    // A key that was itself refused, as unknown or revoked, has no principal: only its address counts.
    const key = c.var.principal && countedKey(c.var.principal)
    if (address !== null) await refusals.note({ kind: 'address', id: address })
    if (key !== undefined) await refusals.note({ kind: 'key', id: key })
  }

  /** Stands right behind the look-up of the key. */
  const byKey: MiddlewareHandler<GuardEnv> = async (c, next) => {
    if (c.env?.local) return next()
    const id = countedKey(c.var.principal)
    const subject = { kind: 'key', id, perMinute: catalog.limits.refusals_per_minute_per_key } as const
    await refuseRepeated(subject, () => c.set('refusedUnseen', true))
    await next()
  }

  return { byAddress, byKey }
}

/** Session keys are easily had: they count as the key that they were made from. */
function countedKey({ key }: KnownEnv['Variables']['principal']): string {
  return key.parentId ?? key.id
}
