import { chargeOf, creditsFromJson, type RateCardEntry, type Receipt, ratesOfVersion } from '@caicaini/protocol'
import { afterEach, expect, test } from 'vitest'
import type { RateEntry } from '../src/catalog/schema.js'
import { changed } from '../src/testing/catalog.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'
import { answer, begin, type PlayedUsage, sse, streamEvents, USAGE } from '../src/testing/upstream.js'

let t: TestServer
/** Haiku's rate as this test published it: $1 and $5 per million tokens, and what the test adds. */
let published: RateCardEntry

afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

async function start(change: (rate: RateEntry) => Partial<RateEntry>, credits = 100): Promise<void> {
  t = await createTestServer({
    credits,
    catalog: changed((file) => {
      const rates = file.models.find(({ id }) => id === 'claude-haiku-4-5')?.rates
      const rate = rates?.[0]
      if (!rate) throw new Error('the catalog has no haiku')
      Object.assign(rate, change(rate))
      published = structuredClone(rate)
    })
  })
  playUsage(USAGE)
}

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'say hello' }] }
const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }

function playUsage(usage: PlayedUsage): void {
  t.upstream.play((response, { body }) => {
    if (!body.stream) return answer(response, usage)
    begin(response, streamEvents({ usage }))
    response.end()
  })
}

/** Sent plain and streamed: both receipts, each recomputed from what was published, and the balance that is left. */
async function both(body: object): Promise<Receipt> {
  const receipts: Receipt[] = []
  for (const stream of [false, true]) {
    const response = await t.post({ ...ask, ...body, stream })
    expect(response.status).toBe(200)
    await response.text()
    receipts.push(await t.receipt(response.headers.get('request-id')))
  }
  for (const { parts, rate_version, discount, credits, uncollected } of receipts) {
    const rates = ratesOfVersion(published, rate_version) ?? {}
    for (const { kind, rate } of parts) expect({ kind, rate }).toEqual({ kind, rate: rates[kind] })
    expect(chargeOf(parts, discount)).toBe(creditsFromJson(credits) + creditsFromJson(uncollected))
  }
  const [plain, streamed] = receipts as [Receipt, Receipt]
  expect(streamed.parts).toEqual(plain.parts)
  expect(streamed.balance).toBe((await t.balance()).balance)
  return plain
}

test('images are billed by the piece, those that tools returned too', async () => {
  await start(() => ({ per_image: 2_000_000 }))
  const content = [image, { type: 'tool_result', tool_use_id: 't', content: [image, image] }]
  const receipt = await both({ messages: [{ role: 'user', content }] })
  expect(receipt.parts).toContainEqual({ kind: 'image', quantity: 3, rate: 2_000_000_000_000 })
  expect(receipt).toMatchObject({ credits: 6.35, rate_version: 'claude-haiku-4-5@2025-10-15' })
  expect((await t.balance()).balance).toBe(100 - 2 * 6.35)
})

test('each request is billed its own price, one that failed is not', async () => {
  await start(() => ({ per_request: 1_500_000 }))
  const receipt = await both({})
  expect(receipt.parts).toContainEqual({ kind: 'request', quantity: 1, rate: 1_500_000_000_000 })
  expect(receipt.credits).toBe(1.85)
  t.upstream.play((response) => response.writeHead(500).end())
  const failed = await t.post(ask)
  expect(failed.status).toBe(502)
  expect(await t.receipt(failed.headers.get('request-id'))).toMatchObject({ credits: 0, parts: [] })
  expect((await t.balance()).balance).toBe(100 - 2 * 1.85)
})

test('web searches are billed as the provider counted them, and the most of them is held', async () => {
  await start(() => ({ server_tools: { web_search: 10_000_000 } }))
  playUsage({ ...USAGE, server_tool_use: { web_search_requests: 2 } })
  const receipt = await both({ tools: [search] })
  expect(receipt.parts).toContainEqual({ kind: 'tool:web_search', quantity: 2, rate: 10_000_000_000_000 })
  expect(receipt.credits).toBe(20.35)
  // 59.3 credits are left: five searches fit, seven do not.
  const refused = await t.post({ ...ask, tools: [{ ...search, max_uses: 7 }] })
  expect(refused.status).toBe(402)
  expect(t.upstream.requests).toHaveLength(2)
})

test('a tool without a bound, or one that no price is known of, is refused by name', async () => {
  await start(() => ({ server_tools: { web_search: 10_000_000 } }))
  const { max_uses: _, ...unbounded } = search
  const response = await t.post({ ...ask, tools: [{ name: 'own' }, unbounded] })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('tools[1].max_uses: must be a whole number from 1 to 100')
  const fetching = await t.post({ ...ask, tools: [{ type: 'web_fetch_20260318', max_uses: 1 }] })
  expect(await fetching.text()).toContain('tools[0].type: \\"web_fetch_20260318\\" is not served')
  const elsewhere = await t.post({ ...ask, model: 'claude-opus-4-7', tools: [search] })
  expect(elsewhere.status).toBe(400)
  expect(t.upstream.requests).toHaveLength(0)
})

test('a client that leaves after a search was begun pays for that search', async () => {
  await start(() => ({ server_tools: { web_search: 10_000_000 } }))
  const searching = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
  t.upstream.play((response) =>
    begin(response, [...streamEvents().slice(0, 5), sse('content_block_start', { index: 1, content_block: searching })])
  )
  const stopped = t.upstream.nextAbort()
  const leave = new AbortController()
  const response = await t.post({ ...ask, tools: [search], stream: true }, { signal: leave.signal })
  const reader = response.body?.getReader()
  for (let text = ''; !text.includes('server_tool_use'); ) text += Buffer.from((await reader?.read())?.value ?? [])
  leave.abort()
  await stopped
  const receipt = await t.receipt(response.headers.get('request-id'))
  expect(receipt).toMatchObject({ status: 'aborted', estimated: true })
  expect(receipt.parts).toContainEqual({ kind: 'tool:web_search', quantity: 1, rate: 10_000_000_000_000 })
})

test('a request whose real input crosses a tier is billed at that tier whole, also beyond what was held', async () => {
  await start((rate) => {
    const { from: _, ...tier } = rate
    return { length_tiers: [{ ...tier, above: 1_000, input: 3_000_000_000, output: 15_000_000_000 }] }
  })
  playUsage({ ...USAGE, input_tokens: 1_000 })
  const below = await both({})
  expect(below).toMatchObject({ credits: 1.25, rate_version: 'claude-haiku-4-5@2025-10-15' })
  // One token more, and that from a cache: every token costs the tier's price.
  playUsage({ ...USAGE, input_tokens: 1_000, cache_read_input_tokens: 1 })
  const above = await both({})
  expect(above).toMatchObject({ credits: 3.7501, rate_version: 'claude-haiku-4-5@2025-10-15/over-1000' })
})

test('an hour of the peak costs its multiple, decided by when the request started', async () => {
  await start(() => ({
    windows: [{ name: 'peak', days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '01:00', to: '04:00', percent: 200 }]
  }))
  // A Monday.
  t.clock.set(Date.UTC(2026, 10, 16, 0, 59, 59))
  expect(await both({})).toMatchObject({ credits: 0.35, rate_version: 'claude-haiku-4-5@2025-10-15' })
  t.clock.set(Date.UTC(2026, 10, 16, 1))
  expect(await both({})).toMatchObject({ credits: 0.7, rate_version: 'claude-haiku-4-5@2025-10-15/peak' })
  t.clock.set(Date.UTC(2026, 10, 16, 3, 59, 59))
  t.upstream.play((response) => {
    t.clock.advance({ seconds: 5 })
    answer(response)
  })
  const response = await t.post(ask)
  expect(await t.receipt(response.headers.get('request-id'))).toMatchObject({
    credits: 0.7,
    settled_at: '2026-11-16T04:00:04.000Z'
  })
  t.clock.set(Date.UTC(2026, 10, 21, 2))
  playUsage(USAGE)
  expect(await both({})).toMatchObject({ credits: 0.35 })
})

test('a retired model answers 404 and names its successor, and costs nothing', async () => {
  t = await createTestServer({
    catalog: changed((file) => {
      const model = file.models.find(({ id }) => id === 'kimi-k2.5')
      if (model) model.retired = { at: '2026-11-15', successor: 'claude-haiku-4-5' }
    })
  })
  const response = await t.post({ ...ask, model: 'kimi' })
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({
    error: { code: 'model_retired', message: 'model: "kimi" is retired; use "claude-haiku-4-5"' }
  })
  expect((await t.balance()).balance).toBe(100)
})
