import { describe, expect, test } from 'vitest'
import type { Clock } from '../../lib/clock.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import type { RefusalLimiter } from '../refusals.js'

/** What every counter of refusals must do, whatever it keeps its counts in. */
export function refusalsContract(name: string, createRefusals: (deps: { clock: Clock }) => RefusalLimiter): void {
  describe(`${name}: the contract of counting refusals`, () => {
    const key = { kind: 'key', id: 'key_1', perMinute: 3 } as const

    function start() {
      const clock = createFakeClock()
      const refusals = createRefusals({ clock })
      const refuse = async (subject: Parameters<RefusalLimiter['note']>[0], times: number) => {
        for (let i = 0; i < times; i++) await refusals.note(subject)
      }
      return { clock, refusals, refuse }
    }

    test('up to the limit it may ask, beyond it not until the minute is over', async () => {
      const { clock, refusals, refuse } = start()
      expect(await refusals.retryAfterS(key)).toBeNull()
      await refuse(key, 2)
      expect(await refusals.retryAfterS(key)).toBeNull()
      clock.advance({ seconds: 48 })
      await refuse(key, 1)
      expect(await refusals.retryAfterS(key)).toBe(12)
      clock.advance({ ms: 11_999 })
      expect(await refusals.retryAfterS(key)).toBe(1)
      clock.advance({ ms: 1 })
      expect(await refusals.retryAfterS(key)).toBeNull()
    })

    test('asking counts nothing, and does not move the minute', async () => {
      const { clock, refusals, refuse } = start()
      await refuse(key, 3)
      for (let i = 0; i < 59; i++) {
        expect(await refusals.retryAfterS(key)).toBe(60 - i)
        clock.advance({ seconds: 1 })
      }
    })

    test('keys and addresses share nothing, whatever they are called', async () => {
      const { refusals, refuse } = start()
      await refuse(key, 5)
      expect(await refusals.retryAfterS({ ...key, kind: 'address' })).toBeNull()
      expect(await refusals.retryAfterS({ ...key, id: 'key_2' })).toBeNull()
      expect(await refusals.retryAfterS({ ...key, id: 'constructor' })).toBeNull()
    })

    test('a limit that is changed in mid-minute holds at once', async () => {
      const { refusals, refuse } = start()
      await refuse(key, 4)
      expect(await refusals.retryAfterS({ ...key, perMinute: 5 })).toBeNull()
      expect(await refusals.retryAfterS({ ...key, perMinute: 4 })).toBe(60)
    })

    test('a clock that is set back locks nobody out', async () => {
      const { clock, refusals, refuse } = start()
      await refuse(key, 3)
      clock.set(clock.nowMs() - 3_600_000)
      expect(await refusals.retryAfterS(key)).toBeNull()
    })
  })
}
