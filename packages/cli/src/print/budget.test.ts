import { expect, test } from 'vitest'
import { affordable, type Forecast, forecastRows } from './budget.js'

const FORECAST: Forecast = {
  model: 'haiku',
  modelUsed: 'claude-haiku-4-5',
  routeReason: undefined,
  inputTokens: 10_000,
  counted: true,
  maxTokens: 8_192,
  creditsLikely: 13,
  creditsMax: 50.96,
  price: { input: 1_000, output: 5_000 }
}

test('a limit is what the longest answer may cost, with the question', () => {
  // 10 credits for the question; what is left buys 1,000 tokens at 5 credits a thousand.
  expect(affordable(FORECAST, 15)).toBe(1_000)
  expect(affordable(FORECAST, 13)).toBe(600)
  expect(affordable(FORECAST, 1_000)).toBe(8_192)
})

test('what is likely to cost more is refused, and so is what nobody can price', () => {
  expect(() => affordable(FORECAST, 12.99)).toThrow('this would cost about 13 credits (10,000 tokens to haiku)')
  const free = { ...FORECAST, price: undefined, creditsLikely: undefined, creditsMax: undefined }
  expect(() => affordable(free, 1_000)).toThrow('haiku has no price to go by')
  expect(forecastRows(free).at(-1)).toEqual(['credits', 'not known: the model has no price'])
})

test('a short answer that was asked for may cost less than a usual one', () => {
  expect(affordable({ ...FORECAST, maxTokens: 100, creditsLikely: 10.5, creditsMax: 10.5 }, 11)).toBe(100)
})
