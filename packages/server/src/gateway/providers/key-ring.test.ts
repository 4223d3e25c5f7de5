import { expect, test } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.js'
import { createKeyRing } from './key-ring.js'

const keys = [
  { env: 'A', value: 'a', weight: 3 },
  { env: 'B', value: 'b', weight: 1 }
]

test('keys are used by their weight', () => {
  let at = 0
  const ring = createKeyRing(keys, { clock: createFakeClock(), random: () => (at++ % 100) / 100 })
  const picked = Array.from({ length: 100 }, () => ring.pick()?.env)
  expect(picked.filter((env) => env === 'A')).toHaveLength(75)
})

test('a refused key is set aside, longer each time, and tried again', () => {
  const clock = createFakeClock()
  const ring = createKeyRing(keys, { clock, random: () => 0 })
  const [a, b] = keys
  if (!a || !b) throw new Error('two keys')
  ring.refused(a, 401)
  expect(ring.pick()).toMatchObject({ env: 'B' })
  expect(ring.views()[0]).toEqual({ env: 'A', status: 401, asideUntilMs: clock.nowMs() + 30_000 })
  ring.refused(b, 402)
  expect(ring.pick()).toBeUndefined()
  expect(ring.hasUsable()).toBe(false)
  clock.advance({ seconds: 30 })
  expect(ring.pick()).toMatchObject({ env: 'A' })
  ring.refused(a, 401)
  clock.advance({ seconds: 59 })
  expect(ring.pick()).toMatchObject({ env: 'B' })
  clock.advance({ seconds: 1 })
  ring.worked(a)
  expect(ring.views()[0]).toMatchObject({ status: null, asideUntilMs: null })
})
