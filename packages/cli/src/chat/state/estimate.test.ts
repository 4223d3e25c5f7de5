import type { Model } from '@caicaini/protocol/api'
import { expect, test } from 'vitest'
import { contentTokens, creditsOf, estimateCredits, priceOf, textTokens } from '../../lib/estimate.js'
import { MODELS } from '../../testing/chat-screen.js'
import { askAbove } from './estimate.js'

const models = MODELS as unknown as Model[]
const auto = { ...models[0], id: 'caicaini/auto', aliases: ['auto'], price: null } as Model

test('tokens: four letters each, nearly one for each wide character', () => {
  expect(textTokens('')).toBe(0)
  expect(textTokens('a'.repeat(400))).toBe(100)
  expect(textTokens('字'.repeat(100))).toBe(80)
})

test('files count as what providers count', () => {
  const source = { type: 'base64', media_type: 'image/png', data: 'x'.repeat(4_000) } as const
  expect(
    contentTokens([
      { type: 'image', source },
      { type: 'text', text: 'abcd' }
    ])
  ).toBe(1_601)
  expect(contentTokens([{ type: 'document', source }])).toBe(120)
})

test('prices: by any name; auto as its dearest', () => {
  expect(priceOf(models, 'haiku')).toEqual({ input: 1000, output: 5000 })
  expect(priceOf(models, 'caicaini/haiku')).toEqual({ input: 1000, output: 5000 })
  expect(priceOf([auto, ...models], 'auto')).toEqual({ input: 5000, output: 25_000 })
  expect(priceOf(models, 'nonsense')).toBeUndefined()
  expect(creditsOf({ input: 2_000, output: 1_000 }, { input: 1000, output: 5000 })).toBe(7)
  expect(estimateCredits(100_000, { input: 1000, output: 5000 })).toBe(103)
})

test.each([
  [undefined, undefined, 5],
  [100, undefined, 5],
  [2_000, undefined, 20],
  [90_000, undefined, 50],
  [90_000, 3, 3],
  [90_000, 0, 0]
])('with a balance of %o and the setting %o it asks above %o credits', (total, set, limit) => {
  const balance = total === undefined ? undefined : { total, subscription: total, topup: 0 }
  expect(askAbove(balance, set)).toBe(limit)
})
