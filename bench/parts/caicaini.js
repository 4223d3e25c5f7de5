/* The real server as it is built, over a database file of its own: nothing is left out or in memory. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownUse, partOptions, servePart } from '../lib/part.js'

const { upstreamUrl, build = '../../packages/server/dist/index.js' } = partOptions()
const { createServer } = await import(build)
const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
const env = { ANTHROPIC_API_KEY: 'played', CAICAINI_ANTHROPIC_BASE_URL: upstreamUrl }
// The shipped catalog, but for the requests that one key may have at once: there is one key here, on many connections.
const shipped = new URL('../../packages/server/src/catalog/default-catalog.json', import.meta.url)
const catalog = JSON.parse(readFileSync(shipped, 'utf8'))
catalog.limits.concurrent_requests_per_key_max = 10_000
const catalogPath = join(dataDir, 'catalog.json')
writeFileSync(catalogPath, JSON.stringify(catalog))
const server = await createServer({ dataDir, catalogPath, env, log: 'silent' })

async function asOwner(method, path, body) {
  const headers = { 'content-type': 'application/json' }
  const init = body ? { method, headers, body: JSON.stringify(body) } : { method }
  const response = await server.fetchLocal(new Request(`http://local${path}`, init))
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

const { key } = await asOwner('POST', '/api/keys', { name: 'bench' })
await asOwner('POST', '/admin/api/credits/grant', { username: 'owner', credits: 1_000_000 })
const { url } = await server.listen({ host: '127.0.0.1', port: 0 })

servePart(
  { url, headers: { 'x-api-key': key } },
  {
    answer: async ({ audit, memory }) => (audit ? asOwner('GET', '/admin/api/ledger/audit') : ownUse({ memory })),
    async close() {
      await server.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
)
