import { AsyncLocalStorage } from 'node:async_hooks'
import type { MiddlewareHandler } from 'hono'
import type { KnownEnv } from '../keys/authenticate.js'

/**
 * Where the request under way comes from, for the log. What is done is written down deep inside of services, in their
 * transactions: handing an address through all of them would be a parameter that none of them uses.
 */
const origins = new AsyncLocalStorage<{ readonly address: string | null }>()

/** Null for this machine itself, and outside of requests. */
export function currentAddress(): string | null {
  return origins.getStore()?.address ?? null
}

export function noteOrigin(
  addressOf: (c: Parameters<MiddlewareHandler<KnownEnv>>[0]) => string | null
): MiddlewareHandler<KnownEnv> {
  return (c, next) => origins.run({ address: addressOf(c) }, next)
}
