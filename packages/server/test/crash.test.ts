import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseReceiptJson, type Receipt } from '@caicaini/protocol'
import type { AuditReport, Balance } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shippedCatalog, withoutMonthlyCredits, writeCatalog } from '../src/testing/catalog.js'
import { begin, type PlayedUpstream, playUpstream, streamEvents } from '../src/testing/upstream.js'

/** The built server in a process of its own; the parent asks it as its owner, over the channel between the two. */
const PROGRAM = `
import { createServer } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
const server = await createServer({ dataDir: process.argv[1], env: process.env, log: 'silent' })
process.on('message', async ({ method, path, body }) => {
  const headers = { 'content-type': 'application/json' }
  const response = await server.fetchLocal(new Request('http://local' + path, { method, headers, body }))
  process.send(await response.json())
})
process.on('disconnect', () => server.close())
process.send(await server.listen({ host: '127.0.0.1', port: 0 }))
`

let dataDir: string
let upstream: PlayedUpstream
let children: ChildProcess[]

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-crash-'))
  upstream = await playUpstream()
  children = []
})
afterEach(async () => {
  await Promise.all(children.map(kill))
  await upstream.close()
  rmSync(dataDir, { recursive: true })
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

type Serving = Awaited<ReturnType<typeof serve>>

async function serve() {
  const env = {
    ANTHROPIC_API_KEY: 'sk-ant-operator',
    CAICAINI_ANTHROPIC_BASE_URL: upstream.url,
    CAICAINI_CATALOG: writeCatalog(dataDir, withoutMonthlyCredits(shippedCatalog()))
  }
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, dataDir], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  children.push(child)
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return {
    url,
    kill: () => kill(child),
    /** As the owner of the data directory. */
    async local<T>(method: string, path: string, body?: object): Promise<T> {
      child.send({ method, path, ...(body && { body: JSON.stringify(body) }) })
      return (await once(child, 'message'))[0] as T
    },
    /** Lets it come to its own end. */
    async stop(): Promise<number | null> {
      const exited = once(child, 'exit')
      child.disconnect()
      return (await exited)[0]
    }
  }
}

async function createCustomer(server: Serving): Promise<string> {
  await server.local('POST', '/admin/api/users', { username: 'ada', plan: 'pro' })
  await server.local('POST', '/admin/api/credits/grant', { username: 'ada', credits: 100 })
  return (await server.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'laptop' })).key
}

async function get<T>(server: Serving, path: string, key: string): Promise<T> {
  return (await fetch(server.url + path, { headers: { 'x-api-key': key } })).json() as T
}

/** Asks for a stream and reads it until `text` has come; what was read, and the request's id. */
async function readUntil(server: Serving, key: string, text: string): Promise<{ got: string; requestId: string }> {
  const messages = [{ role: 'user', content: 'hi' }]
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1024, stream: true, messages })
  })
  const reader = response.body?.getReader()
  let got = ''
  while (!got.includes(text)) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) throw new Error(`the stream ended before "${text}": ${got}`)
    got += Buffer.from(chunk.value).toString()
  }
  // The connection breaks when the server is killed: what is read after that is nobody's concern.
  reader?.closed.catch(() => undefined)
  return { got, requestId: response.headers.get('request-id') ?? '' }
}

// Elsewhere only the lease tells that a process is gone, half a minute later.
test.skipIf(process.platform === 'win32')(
  'the server dies: killed in the middle of an answer, and after one, nothing is lost',
  async () => {
    const first = await serve()
    const key = await createCustomer(first)
    upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const cut = await readUntil(first, key, 'Hello')
    expect((await get<Balance>(first, '/api/balance', key)).held).toBeGreaterThan(5)
    await first.kill()

    const second = await serve()
    expect(await get<Receipt>(second, `/api/receipts/${cut.requestId}`, key)).toMatchObject({
      status: 'released',
      credits: 0,
      balance: 100
    })
    expect(await get<Balance>(second, '/api/balance', key)).toMatchObject({ balance: 100, held: 0, available: 100 })
    expect(await second.local<AuditReport>('GET', '/admin/api/ledger/audit')).toMatchObject({ ok: true, holds_open: 0 })

    upstream.play((response) => {
      begin(response, streamEvents())
      response.end()
    })
    const whole = await readUntil(second, key, '\n\nevent: message_stop')
    await second.kill()
    const seen = parseReceiptJson(/^: caicaini-receipt (.*)$/m.exec(whole.got)?.[1] ?? '')
    expect(seen).toMatchObject({ request_id: whole.requestId, status: 'complete', credits: 0.35, balance: 99.65 })

    const third = await serve()
    expect(await get<Receipt>(third, `/api/receipts/${whole.requestId}`, key)).toEqual(seen)
    expect(await get<Balance>(third, '/api/balance', key)).toMatchObject({ balance: 99.65, held: 0 })
    expect(await third.local<AuditReport>('GET', '/admin/api/ledger/audit')).toMatchObject({
      ok: true,
      holds_open: 0,
      receipts: 2
    })
    expect(await third.stop()).toBe(0)
  }
)
