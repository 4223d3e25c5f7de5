import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'
import type { Random } from '../lib/random.js'
import type { Site } from '../site/site.js'
import type { PageEnv } from './env.js'

export interface PageGuardDeps {
  readonly random: Random
  /** Origins beside our own whose scripts and frames a page may have, such as a captcha's. */
  readonly scriptOrigins: readonly string[]
}

/** What every page's answer says to browsers: nothing from elsewhere, in nobody's frame. */
export function pageHeaders({ random, scriptOrigins }: PageGuardDeps): MiddlewareHandler<PageEnv> {
  const others = scriptOrigins.map((origin) => ` ${origin}`).join('')
  return async (c, next) => {
    const nonce = Buffer.from(random.bytes(16)).toString('base64')
    c.set('nonce', nonce)
    await next()
    const policy = [
      "default-src 'none'",
      "base-uri 'none'",
      `script-src 'nonce-${nonce}'${others}`,
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self'${others}`,
      `frame-src${others || " 'none'"}`,
      "worker-src 'self' blob:",
      "form-action 'self'",
      "frame-ancestors 'none'"
    ]
    c.header('content-security-policy', policy.join('; '))
    c.header('referrer-policy', 'no-referrer')
    c.header('x-frame-options', 'DENY')
    c.header('cross-origin-opener-policy', 'same-origin')
    c.header('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=()')
  }
}

/**
 * What changes something must come from a page of ours: browsers say where a form was sent from (Fetch Metadata;
 * older ones by `origin`). What says nothing is no browser, and has no cookies to be abused.
 */
export function refuseForeignForms(site: Site): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && isForeign(c.req.raw, site)) {
      throw new AppError('scope', 'this form was sent from another site; open the page here and send it again')
    }
    await next()
  }
}

function isForeign({ headers, url }: Request, site: Site): boolean {
  const from = headers.get('sec-fetch-site')
  if (from !== null) return from !== 'same-origin' && from !== 'none'
  const origin = headers.get('origin')
  if (origin === null) return headers.has('cookie')
  return origin !== new URL(site.publicUrl).origin && origin !== new URL(url).origin
}
