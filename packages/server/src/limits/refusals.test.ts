import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { refusalsContract } from './contract/refusals.js'
import { createMemoryRefusals } from './refusals.js'

refusalsContract('memory', createMemoryRefusals)

test('minutes that are over are forgotten', async () => {
  const clock = createFakeClock()
  const refusals = createMemoryRefusals({ clock })
  for (let i = 0; i < 1000; i++) {
    await refusals.note({ kind: 'address', id: `203.0.113.${i}` })
    clock.advance({ ms: 600 })
  }
  expect(refusals.size).toBeLessThanOrEqual(100)
})

test('however many addresses there are, memory is bounded, and the newest are kept', async () => {
  const clock = createFakeClock()
  const refusals = createMemoryRefusals({ clock, subjectsMax: 50 })
  for (let i = 0; i < 1000; i++) await refusals.note({ kind: 'address', id: `a${i}` })
  expect(refusals.size).toBe(50)
  const last = (i: number) => refusals.retryAfterS({ kind: 'address', id: `a${i}`, perMinute: 1 })
  expect([await last(999), await last(950), await last(949)]).toEqual([60, 60, null])
})
