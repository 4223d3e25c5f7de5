import { expect, test } from 'vitest'
import { receiptOf } from '../testing/play-transport.js'
import { costLine, costUnknownLine, warningLines } from './cost-line.js'

test('the line of the design page', () => {
  expect(costLine(receiptOf())).toBe('↳ haiku · 1,204 in · 312 out · 2.76 credits · balance 9,912.3')
})

test.each([
  [{ model: 'caicaini/auto', model_used: 'caicaini/opus' }, /^↳ opus · /],
  [{ credits: 1 }, / · 1 credit · /],
  [{ credits: 0.000012 }, / · 0\.00001 credits · /],
  [{ credits: 0 }, / · 0 credits · /],
  [{ cache_read_tokens: 12_000 }, / · 12,000 cached · /],
  [{ provider: 'sandbox' }, / · sandbox$/],
  [{ estimated: true }, / · estimated$/],
  [{ clamped: 4096 }, / · clamped to 4,096$/],
  [{ uncollected: 0.5 }, / · 0\.5 credits uncollected$/],
  [{ stop_reason: 'max_tokens' }, / · stopped at max_tokens$/],
  [{ status: 'released' as const }, / · not billed$/],
  [{ model: 'x\u001b]0;y' }, /^↳ x␛\]0;y/]
])('says %o', (changes, line) => {
  expect(costLine(receiptOf(changes))).toMatch(line)
})

test('where a person reads it, why auto chose the model; of a picked one there is nothing to say', () => {
  const route_reason = 'Short factual question: the small model'
  for (const model of ['auto', 'caicaini/auto', 'claude-auto']) {
    const receipt = receiptOf({ model, route_reason, provider: 'sandbox' })
    expect(costLine(receipt, { why: true })).toMatch(
      /^↳ claude-haiku-4-5 · .* · sandbox · Short factual question: the small model$/
    )
    expect(costLine(receipt)).toMatch(/ · sandbox$/)
  }
  expect(costLine(receiptOf({ route_reason }), { why: true })).not.toContain('Short')
  expect(costLine(receiptOf({ model: 'auto', route_reason: 'a\u001b[2Jb' }), { why: true })).toMatch(/ · a␛\[2Jb$/)
})

test('without a receipt it says how to have it', () => {
  expect(costUnknownLine('req_1')).toBe('↳ cost not known yet · caicaini receipts show req_1')
  expect(costUnknownLine(undefined)).toBe('↳ cost not known: the server sent no receipt')
})

test('what comes near its end is said in a line of its own', () => {
  const warnings = [
    { of: 'month', percent: 80 },
    { of: 'key', percent: 95 }
  ] as const
  expect(warningLines(receiptOf({ warnings }))).toEqual([
    "! 80 % of this month's subscription credits used",
    "! 95 % of this key's quota used"
  ])
  expect(warningLines({})).toEqual([])
})
