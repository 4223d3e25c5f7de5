import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadCatalog } from '../catalog/load.js'
import { rateAt } from '../catalog/price.js'
import { createTestLedger } from '../ledger/testing.js'
import { silentLog } from '../lib/log.js'
import { createMemoryLimiter } from '../limits/memory.js'
import { testPrincipal } from '../testing/principal.js'
import { testWire } from '../testing/wire.js'
import { createBreakers } from './breakers.js'
import type { CallPlan } from './call.js'
import { createInFlight } from './in-flight.js'
import { type GatewayEnv, postAnswer } from './messages.js'
import type { ProviderEvent } from './providers/provider.js'

let t: Awaited<ReturnType<typeof createTestLedger>>

beforeEach(async () => {
  t = await createTestLedger()
})
afterEach(() => t.close())

/** One request through the handler, whose plan and list of calls under way are as the test says. */
async function post(stream: boolean, broken: { routeReason?: string; add?: () => void }) {
  const [model] = loadCatalog({ readFile: () => '' }).models
  if (!model) throw new Error('the catalog has no model')
  const limiter = createMemoryLimiter({ clock: t.clock })
  const limits = { requestsPerMinute: 5, inputTokensPerMinute: null, concurrentStreams: 1, concurrentRequests: 1 }
  const reservation = await limiter.reserve({ keyId: t.keyId, limits, inputTokens: 1, stream })
  if (!reservation.ok) throw new Error('refused')
  // biome-ignore lint/correctness/useYield: it fails before it has anything to say
  async function* send(): AsyncGenerator<ProviderEvent> {
    throw new TypeError('a bug in a provider')
  }
  const plan: CallPlan = {
    requestId: t.ids.next('req'),
    principal: testPrincipal(t),
    stream,
    format: 'messages',
    targets: [
      {
        model,
        modelUsed: model.id,
        routeReason: broken.routeReason ?? 'asked for',
        rate: rateAt(model, 0),
        provider: { name: 'played', format: 'messages', has: () => true, keys: () => [], send, close: async () => {} },
        request: {
          endpoint: 'messages',
          body: Buffer.from('{}'),
          upstreamModel: model.upstream_id,
          stream,
          headers: {}
        },
        timeouts: { firstByteTimeoutMs: 1_000, idleTimeoutMs: 1_000 },
        triesMax: 1,
        wire: testWire()
      }
    ],
    discountPercent: 0,
    images: 0,
    inputTokensEstimated: 1,
    clamped: null,
    startedAtMs: 0,
    turn: null,
    holdDurable: Promise.resolve(),
    reservation
  }
  const inFlight = createInFlight({ clock: t.clock })
  const handler = postAnswer('messages', {
    admission: { admit: async () => plan },
    inFlight: { ...inFlight, add: broken.add ?? inFlight.add },
    ledger: t.ledger,
    clock: t.clock,
    breakers: createBreakers({ clock: t.clock }),
    random: () => 0,
    log: silentLog
  })
  const app = new Hono<GatewayEnv>().post('/v1/messages', handler).onError((_error, c) => c.text('', 500))
  const response = await app.request('/v1/messages', { method: 'POST', body: '{}' })
  return { status: response.status, limiter, inFlight }
}

test.each([true, false])('a handler that crashes gives its slot back: streamed %s', async (stream) => {
  const crashes = [
    {
      add: () => {
        throw new TypeError('a bug before the call')
      }
    },
    { routeReason: 'no header\nvalue' },
    {}
  ]
  for (const crash of crashes) {
    const { status, limiter, inFlight } = await post(stream, crash)
    expect(status).toBe(500)
    expect(limiter.busy).toBe(0)
    expect(inFlight.count()).toBe(0)
  }
})
