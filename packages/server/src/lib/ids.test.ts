import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { createIds } from './ids.js'
import { systemRandom } from './random.js'

test('ids are UUIDv7 without dashes: prefixed, unique, and in order even within a millisecond', () => {
  const clock = createFakeClock()
  const ids = createIds({ clock, random: systemRandom })
  const made = Array.from({ length: 20_000 }, (_, i) => {
    if (i % 7_000 === 0) clock.advance({ ms: 1 })
    return ids.next('req')
  })
  expect(made.every((id) => /^req_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(id))).toBe(true)
  expect(new Set(made).size).toBe(made.length)
  expect([...made].sort()).toEqual(made)
})

test('a clock set back does not break the order', () => {
  const clock = createFakeClock()
  const ids = createIds({ clock, random: systemRandom })
  const before = ids.next('key')
  clock.set(clock.nowMs() - 86_400_000)
  expect(ids.next('key') > before).toBe(true)
})
