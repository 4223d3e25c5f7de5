import { creditsFromJson, type Receipt } from '@caicaini/protocol'
import type { AuditReport, Balance } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withoutLimits } from '../src/testing/catalog.js'
import { type ChildServer, type ChildServers, createChildServers } from '../src/testing/child-server.js'
import { answer, type Play } from '../src/testing/upstream.js'

/*
 * 500 requests at once on a balance that affords the holds of 100: just those that it affords are
 * served, all others get 402, and not a micro-credit is wrong. By one process, and by two on one file.
 */

const REQUESTS = 500
const AFFORDED = 100

let c: ChildServers
let servers: ChildServer[]
let answers: (() => void)[]

beforeEach(async () => {
  c = await createChildServers({ catalog: withoutLimits })
  servers = []
  answers = []
})
afterEach(async () => {
  for (const server of servers) await server.stop()
  await c.close()
})

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }

const post = (server: ChildServer, key: string) =>
  fetch(`${server.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': key }, body: JSON.stringify(ask) })

/** Answers nobody until everybody has been decided on. */
const later: Play = (response) => void answers.push(() => answer(response))

/** What one such request holds, told by the balance while it waits for its answer. */
async function sizeOfHold(server: ChildServer): Promise<bigint> {
  const key = await server.createCustomer({ username: 'probe' })
  c.upstream.play(later)
  const arrived = c.upstream.nextRequest()
  const probe = post(server, key)
  await arrived
  const { held } = await server.get<Balance>('/api/balance', key)
  for (const give of answers.splice(0)) give()
  expect((await probe).status).toBe(200)
  return creditsFromJson(held)
}

/** Starts the processes and a customer who affords the holds of 100, and nothing more than a part of another. */
async function start(processes: number): Promise<{ key: string; credits: bigint }> {
  for (let i = 0; i < processes; i++) servers.push(await c.serve())
  const [first] = servers as [ChildServer]
  const credits = BigInt(AFFORDED) * (await sizeOfHold(first)) + 1000n
  const key = await first.createCustomer({ credits: Number(credits) / 1e6 })
  return { key, credits }
}

async function checkBooks(key: string, { credits, served }: { credits: bigint; served: readonly Response[] }) {
  const receipts = served.map((response) => JSON.parse(response.headers.get('caicaini-receipt') ?? '') as Receipt)
  const charged = receipts.reduce((sum, receipt) => sum + creditsFromJson(receipt.credits), 0n)
  for (const server of servers) {
    const { balance, held } = await server.get<Balance>('/api/balance', key)
    expect({ balance: creditsFromJson(balance), held }).toEqual({ balance: credits - charged, held: 0 })
    const audit = await server.local<AuditReport>('GET', '/admin/api/ledger/audit')
    expect(audit).toMatchObject({ ok: true, holds_open: 0, differences: [] })
  }
  expect(new Set(receipts.map(({ request_id }) => request_id)).size).toBe(served.length)
}

test.each([1, 2])(
  'all are decided before any is answered, by %i process(es): 100 served, 400 told 402',
  async (processes) => {
    const { key, credits } = await start(processes)
    c.upstream.play(later)
    let refused = 0
    const all = Array.from({ length: REQUESTS }, async (_, index) => {
      const response = await post(servers[index % processes] as ChildServer, key)
      if (response.status === 402 && ++refused === REQUESTS - AFFORDED) {
        for (const give of answers.splice(0)) give()
        // Some of the admitted may still be on their way to the provider.
        c.upstream.play((upstream) => answer(upstream))
      }
      return response
    })
    const responses = await Promise.all(all)
    const served = responses.filter(({ status }) => status === 200)
    expect(served).toHaveLength(AFFORDED)
    expect(responses.filter(({ status }) => status === 402)).toHaveLength(REQUESTS - AFFORDED)
    await checkBooks(key, { credits, served })
  }
)

test.each([1, 2])(
  'answered at once, by %i process(es): as many as the balance affords by the time they come',
  async (processes) => {
    const { key, credits } = await start(processes)
    c.upstream.play((response) => answer(response))
    const responses = await Promise.all(
      Array.from({ length: REQUESTS }, (_, index) => post(servers[index % processes] as ChildServer, key))
    )
    const served = responses.filter(({ status }) => status === 200)
    expect(served.length).toBeGreaterThanOrEqual(AFFORDED)
    expect(responses.filter(({ status }) => status !== 200 && status !== 402)).toEqual([])
    await checkBooks(key, { credits, served })
  }
)
