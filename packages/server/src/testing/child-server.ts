import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CatalogFile } from '../catalog/schema.js'
import { shippedCatalog, withoutMonthlyCredits, writeCatalog } from './catalog.js'
import { type PlayedUpstream, playUpstream } from './upstream.js'

/** The built server in a process of its own; the parent asks it as its owner, over the channel between the two. */
const PROGRAM = `
import { createServer } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
const server = await createServer({ dataDir: process.argv[1], env: process.env, log: 'silent' })
process.on('message', async ({ id, method, path, body }) => {
  if (path === undefined) return process.send({ id, status: 200, json: process.memoryUsage.rss() })
  const headers = { 'content-type': 'application/json' }
  const response = await server.fetchLocal(new Request('http://local' + path, { method, headers, body }))
  process.send({ id, status: response.status, json: await response.json() })
})
process.on('disconnect', () => server.close())
process.send(await server.listen({ host: '127.0.0.1', port: 0 }))
`

interface Reply {
  readonly id: number
  readonly status: number
  readonly json: unknown
}

export type ChildServer = Awaited<ReturnType<typeof serve>>
export type ChildServers = Awaited<ReturnType<typeof createChildServers>>

/** One data directory and a played upstream, and built servers on them as processes that can be killed. */
export async function createChildServers({
  catalog = withoutMonthlyCredits,
  env: more = {}
}: {
  catalog?: (file: CatalogFile) => CatalogFile
  env?: Record<string, string>
} = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-child-'))
  const upstream: PlayedUpstream = await playUpstream()
  const children: ChildProcess[] = []
  const env = {
    ANTHROPIC_API_KEY: 'sk-ant-operator',
    CAICAINI_ANTHROPIC_BASE_URL: upstream.url,
    CAICAINI_CATALOG: writeCatalog(dataDir, catalog(shippedCatalog())),
    ...more
  }
  return {
    dataDir,
    upstream,
    databasePath: join(dataDir, 'caicaini.sqlite'),
    serve: () => serve({ dataDir, env, children }),
    async close(): Promise<void> {
      await Promise.all(children.map(kill))
      await upstream.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

async function serve({
  dataDir,
  env,
  children
}: {
  dataDir: string
  env: Record<string, string>
  children: ChildProcess[]
}) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, dataDir], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  children.push(child)
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const waiting = new Map<number, (reply: Reply) => void>()
  let asked = 0
  child.on('message', (reply: Reply) => waiting.get(reply.id)?.(reply))

  async function ask(question: object): Promise<Reply> {
    const id = ++asked
    const answered = new Promise<Reply>((resolve) => waiting.set(id, resolve))
    child.send({ id, ...question })
    return answered.finally(() => waiting.delete(id))
  }

  /** As the owner of the data directory. */
  async function local<T>(method: string, path: string, body?: object): Promise<T> {
    const { status, json } = await ask({ method, path, ...(body && { body: JSON.stringify(body) }) })
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`)
    return json as T
  }

  return {
    url,
    local,
    kill: () => kill(child),
    /** The memory that the process has of the system. */
    residentBytes: async () => (await ask({})).json as number,
    /** A customer with this many credits and a key; the key. */
    async createCustomer({ username = 'ada', credits = 100 } = {}): Promise<string> {
      await local('POST', '/admin/api/users', { username, plan: 'pro' })
      await local('POST', '/admin/api/credits/grant', { username, credits })
      return (await local<{ key: string }>('POST', `/api/keys?username=${username}`, { name: 'laptop' })).key
    },
    /** As the customer whose key that is. */
    async get<T>(path: string, key: string): Promise<T> {
      return (await fetch(url + path, { headers: { 'x-api-key': key } })).json() as T
    },
    /** Lets it come to its own end; its exit code. */
    async stop(): Promise<number | null> {
      const exited = once(child, 'exit')
      child.disconnect()
      return (await exited)[0]
    }
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
