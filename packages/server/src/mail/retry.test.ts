import { expect, test } from 'vitest'
import { decideAfterFailure } from './retry.js'

const base = { isFinal: false, nowMs: 0, untilMs: null }

test('each failure waits longer, for two days; then it is given up', () => {
  const waits: number[] = []
  for (let attempts = 1; ; attempts++) {
    const next = decideAfterFailure({ ...base, attempts })
    if (next.kind === 'give up') break
    waits.push(next.atMs / 60_000)
  }
  expect(waits).toEqual([1, 5, 15, 60, 180, 360, 720, 1440])
})

test('what was refused for good is given up at once', () => {
  expect(decideAfterFailure({ ...base, attempts: 1, isFinal: true }).kind).toBe('give up')
})

test('what would come too late is given up', () => {
  expect(decideAfterFailure({ ...base, attempts: 1, untilMs: 61_000 }).kind).toBe('again')
  expect(decideAfterFailure({ ...base, attempts: 1, untilMs: 60_000 }).kind).toBe('give up')
})
