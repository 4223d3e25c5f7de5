import { AppError } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Site } from '../site/site.js'
import { findRelease, type ReleaseFile, readInstaller } from './files.js'
import { parseRange } from './range.js'

export interface ReleaseDeps {
  /** The folder that `npm run release -- --serve DIR` fills; undefined for a server in memory. */
  readonly releasesDir: string | undefined
  readonly site: Site
  /** The address that was configured, if any. */
  readonly publicUrl: string | undefined
}

const MEND = 'the operator fills its releases folder: npm run release -- --serve DIR (docs/releases.md)'
/** Five minutes: a new release is seen soon, and a proxy still takes a rush. */
const CACHED = 'public, max-age=300'

/** The installers, with the address in them that they were asked at, and what they download. Open to all. */
export function releaseRoutes({ releasesDir, site, publicUrl }: ReleaseDeps) {
  const installer = (name: 'install' | 'install.ps1') => async (c: Context<KnownEnv>) => {
    const text = releasesDir === undefined ? undefined : await readInstaller(releasesDir, name)
    if (text === undefined) throw new AppError('not_found', `this server has no installer: ${MEND}`)
    const base = publicUrl ?? askedAddress(c.req.header('host')) ?? site.publicUrl
    // Where the address is the one that was asked, a cache must not give it to somebody who asked another.
    c.header('cache-control', publicUrl === undefined ? 'no-store' : CACHED)
    return c.text(text.replaceAll('@BASE_URL@', inQuotes(base)))
  }
  return new Hono<KnownEnv>()
    .get('/install', installer('install'))
    .get('/install.ps1', installer('install.ps1'))
    .get('/releases/*', async (c) => {
      const path = c.req.path.slice('/releases/'.length)
      const file = releasesDir === undefined ? undefined : await findRelease(releasesDir, path)
      if (!file) throw new AppError('not_found', `there is no release file "${path.slice(0, 200)}" here: ${MEND}`)
      return send(c, file)
    })
}

function send(c: Context<KnownEnv>, file: ReleaseFile): Response {
  c.header('cache-control', CACHED)
  c.header('etag', file.etag)
  c.header('accept-ranges', 'bytes')
  c.header('content-type', file.type)
  if ((c.req.header('if-none-match') ?? '').split(/\s*,\s*/).includes(file.etag)) return c.body(null, 304)
  const ifRange = c.req.header('if-range')
  const range = parseRange(ifRange && ifRange !== file.etag ? undefined : c.req.header('range'), file.size)
  if (range === null) {
    c.header('content-range', `bytes */${file.size}`)
    return c.body(null, 416)
  }
  const { from, to } = range ?? { from: 0, to: file.size - 1 }
  if (range) c.header('content-range', `bytes ${from}-${to}/${file.size}`)
  c.header('content-length', String(to - from + 1))
  // Hono asks this route for the answer to a HEAD, too, and drops the body unread.
  const status = range ? 206 : 200
  if (c.req.raw.method === 'HEAD' || file.size === 0) return c.body(null, status)
  return c.body(file.read({ from, to }), status)
}

/** The address of the request itself. The host goes into a script, so it is taken only in a form that is harmless there. */
function askedAddress(host: string | undefined): string | undefined {
  return /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(host ?? '') ? `http://${host}` : undefined
}

/** As it can stand between single quotes of sh and of PowerShell. */
function inQuotes(address: string): string {
  return new URL(address).href.replace(/\/$/, '').replaceAll("'", '%27')
}
