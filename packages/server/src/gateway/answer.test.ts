import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadCatalog } from '../catalog/load.js'
import { rateAt } from '../catalog/price.js'
import { createTestLedger } from '../ledger/testing.js'
import { silentLog } from '../lib/log.js'
import { testPrincipal } from '../testing/principal.js'
import { testWire } from '../testing/wire.js'
import { begin } from './answer.js'
import { createBreakers } from './breakers.js'
import { createCall } from './call.js'
import type { ProviderEvent } from './providers/provider.js'

let t: Awaited<ReturnType<typeof createTestLedger>>

beforeEach(async () => {
  t = await createTestLedger()
})
afterEach(() => t.close())

const attempts = () => ({ clock: t.clock, breakers: createBreakers({ clock: t.clock }), random: () => 0 })

/** A call whose provider answers at once, and whose hold becomes durable when the test says so. */
function callWith(holdDurable: Promise<unknown>) {
  const [model] = loadCatalog({ readFile: () => '' }).models
  if (!model) throw new Error('the catalog has no model')
  async function* send(): AsyncGenerator<ProviderEvent> {
    yield { type: 'head', contentType: 'text/event-stream', upstreamRequestId: null }
    yield { type: 'bytes', bytes: Buffer.from('first byte') }
  }
  const snapshot = { limitRequests: null, remainingRequests: null, limitInputTokens: null, remainingInputTokens: null }
  return createCall(
    {
      requestId: t.ids.next('req'),
      principal: testPrincipal(t),
      stream: true,
      format: 'messages',
      targets: [
        {
          model,
          modelUsed: model.id,
          routeReason: '',
          rate: rateAt(model, 0),
          provider: {
            name: 'played',
            format: 'messages',
            has: () => true,
            keys: () => [],
            send,
            close: async () => {}
          },
          request: {
            endpoint: 'messages',
            body: Buffer.from('{}'),
            upstreamModel: model.upstream_id,
            stream: true,
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
      holdDurable,
      turn: null,
      reservation: { ok: true, snapshot: { ...snapshot, resetS: 0 }, commit() {}, cancel() {} }
    },
    { ledger: t.ledger, clock: t.clock, log: silentLog }
  )
}

test('no byte is given on before the hold is durable, however fast the provider is', async () => {
  const hold = Promise.withResolvers<void>()
  let begun = false
  const answer = begin(callWith(hold.promise), attempts()).then((value) => {
    begun = true
    return value
  })
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  expect(begun).toBe(false)
  hold.resolve()
  expect((await answer).type).toBe('answer')
})

test('a hold that could not be written stops the provider: nobody sees what it said', async () => {
  const call = callWith(Promise.reject(new Error('disk full')))
  await expect(begin(call, attempts())).rejects.toThrow('disk full')
  expect(call.stopSignal.aborted).toBe(true)
})
