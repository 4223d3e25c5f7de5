import type { KeySelf } from '@caicaini/protocol/api'
import { expect, test } from 'vitest'
import { createTestContext } from '../testing/test-context.js'
import { watchCap } from './watch-cap.js'

test('at 80 % it warns once, and again when another cap is nearly spent', async () => {
  const { clock, facts, stderr } = createTestContext()
  let [quota, quota_used] = [10, 7.9]
  const stop = watchCap({ self: async () => ({ key: { quota, quota_used } }) as KeySelf }, facts)
  await clock.advance(20_000)
  expect(stderr()).toBe('')
  quota_used = 8
  await clock.advance(20_000)
  expect(stderr()).toBe(
    '! 80 % of what this run may spend is gone: 8 of 10 credits. More, from another terminal: caicaini run raise N\n'
  )
  ;[quota, quota_used] = [20, 19]
  await clock.advance(20_000)
  expect(stderr().match(/!/g)).toHaveLength(2)
  stop()
  quota = 21
  await clock.advance(20_000)
  expect(stderr().match(/!/g)).toHaveLength(2)
})

test('a server that does not answer is asked again later, in silence', async () => {
  const { clock, facts, stderr } = createTestContext()
  let asked = 0
  const stop = watchCap(
    {
      self: async () => {
        asked++
        throw new Error('gone')
      }
    },
    facts
  )
  await clock.advance(12_000)
  stop()
  expect([asked, stderr()]).toEqual([2, ''])
})
