import { expect, test } from 'vitest'
import type { ProviderEntry } from '../catalog/schema.js'
import { timeoutsOf } from './timeouts.js'

const settings = { kind: 'sandbox', first_byte_timeout_ms: 40_000, idle_timeout_ms: 30_000 } satisfies ProviderEntry
const thinker = { capabilities: ['thinking' as const] }
const asked = { thinking: { type: 'enabled', budget_tokens: 2048 } }

test.each([
  ['Anthropic’s words', { body: asked }, 180_000, 180_000],
  ['OpenAI’s words', { body: { reasoning_effort: 'high' } }, 180_000, 180_000],
  ['Responses’ words', { body: { reasoning: { effort: 'low' } } }, 180_000, 180_000],
  ['nothing said, to a model that thinks unseen by itself', { body: {}, format: 'chat' as const }, 180_000, 180_000],
  ['nothing said, to a model that is asked to think', { body: {} }, 40_000, 30_000],
  ['thinking switched off', { body: { reasoning_effort: 'none' }, format: 'chat' as const }, 40_000, 30_000],
  ['asked of a model that cannot', { body: asked, model: { capabilities: [] } }, 40_000, 30_000],
  [
    'asked, where the operator allows less',
    { body: asked, settings: { ...settings, reasoning_timeout_ms: 90_000 } },
    90_000,
    90_000
  ],
  [
    'asked, where every wait may be longer',
    { body: asked, settings: { ...settings, first_byte_timeout_ms: 200_000 } },
    200_000,
    180_000
  ]
])('the longest silence of a stream: %s', (_what, given, firstByteTimeoutMs, idleTimeoutMs) => {
  const { body, format = 'messages', ...others } = given as typeof given & { format?: 'messages' | 'chat' }
  const found = timeoutsOf({
    request: { stream: true, body },
    model: thinker,
    provider: { format },
    settings,
    ...others
  })
  expect(found).toEqual({ firstByteTimeoutMs, idleTimeoutMs })
})

test('an answer that is not streamed may take ten minutes', () => {
  const request = { stream: false, body: asked }
  const found = timeoutsOf({ request, model: thinker, provider: { format: 'messages' }, settings })
  expect(found).toEqual({ firstByteTimeoutMs: 600_000, idleTimeoutMs: 30_000 })
})
