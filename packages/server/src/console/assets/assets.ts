import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import type { PageEnv } from '../env.js'
import { ALTCHA, ALTCHA_WORKER } from './altcha.js'
import { PASSKEYS } from './passkeys.js'
import { PASSWORD_HINT } from './password-hint.js'
import { STYLE } from './style.js'
import { TURNSTILE } from './turnstile.js'

interface Asset {
  readonly type: string
  readonly text: string
}

const SCRIPT = 'text/javascript; charset=utf-8'

const ASSETS: Readonly<Record<string, Asset>> = {
  'style.css': { type: 'text/css; charset=utf-8', text: STYLE },
  'passkeys.js': { type: SCRIPT, text: PASSKEYS },
  'password-hint.js': { type: SCRIPT, text: PASSWORD_HINT },
  'altcha.js': { type: SCRIPT, text: ALTCHA },
  'altcha-worker.js': { type: SCRIPT, text: ALTCHA_WORKER },
  'turnstile.js': { type: SCRIPT, text: TURNSTILE }
}

const versions = new Map(
  Object.entries(ASSETS).map(([name, { text }]) => [name, createHash('sha256').update(text).digest('hex').slice(0, 12)])
)

/** Its address changes with its text, so that browsers may keep it for good. */
export function assetUrl(name: string): string {
  const version = versions.get(name)
  if (version === undefined) throw new Error(`bug: there is no asset ${name}`)
  return `/assets/${version}/${name}`
}

export function assetRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>().get('/assets/:version/:name', (c) => {
    const name = c.req.param('name')
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
    if (!asset || versions.get(name) !== c.req.param('version')) return c.notFound()
    return c.body(asset.text, 200, {
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable'
    })
  })
}
