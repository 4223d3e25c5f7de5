import { describe, expect, test } from 'vitest'
import { type CreateLimiter, NO_LIMITS, startLimiter } from './start.js'

export function requestsContract(createLimiter: CreateLimiter): void {
  const start = (requestsPerMinute: number | null = 3) => startLimiter(createLimiter, { requestsPerMinute })

  describe('requests per minute', () => {
    test('counts down and refuses the request after the last, with the time to wait', async () => {
      const { clock, reserve } = start()
      for (const remaining of [2, 1, 0]) {
        const reservation = await reserve()
        expect(reservation).toMatchObject({ ok: true, snapshot: { limitRequests: 3, remainingRequests: remaining } })
        clock.advance({ ms: 100 })
      }
      expect(await reserve()).toMatchObject({
        ok: false,
        reason: 'requests',
        retryAfterS: 60,
        snapshot: { limitRequests: 3, remainingRequests: 0, resetS: 60 }
      })
      clock.advance({ ms: 59_000 })
      expect(await reserve()).toMatchObject({ ok: false, retryAfterS: 1 })
    })

    test('waiting as long as it says is enough', async () => {
      const { clock, reserve, accepted } = start(1)
      await accepted()
      clock.advance({ ms: 12_345 })
      const refused = await reserve()
      clock.advance({ seconds: refused.ok ? 0 : (refused.retryAfterS ?? 0) })
      expect(await reserve()).toMatchObject({ ok: true, snapshot: { remainingRequests: 0, resetS: 60 } })
    })

    test('the window begins with the first request and lasts a minute', async () => {
      const { clock, reserve, accepted } = start(1)
      clock.advance({ ms: 30_000 })
      await accepted()
      clock.advance({ ms: 59_999 })
      expect((await reserve()).ok).toBe(false)
      clock.advance({ ms: 1 })
      expect((await reserve()).ok).toBe(true)
    })

    test('refusals take nothing and do not move the window', async () => {
      const { clock, reserve, accepted } = start(1)
      await accepted()
      for (let i = 0; i < 50; i++) {
        clock.advance({ ms: 1000 })
        expect((await reserve()).ok).toBe(false)
      }
      clock.advance({ ms: 10_000 })
      expect((await reserve()).ok).toBe(true)
    })

    test('what is cancelled takes nothing, what is committed stays', async () => {
      const { reserve, accepted } = start(2)
      const first = await accepted()
      const second = await accepted()
      first.cancel()
      second.commit({ inputTokens: 7 })
      expect((await reserve()).ok).toBe(true)
      expect((await reserve()).ok).toBe(false)
    })

    test('the first of commit and cancel counts, once', async () => {
      const { reserve, accepted } = start(2)
      const first = await accepted()
      await accepted()
      first.cancel()
      first.cancel()
      first.commit({ inputTokens: 1 })
      const third = await accepted()
      third.commit({ inputTokens: 1 })
      third.cancel()
      expect((await reserve()).ok).toBe(false)
    })

    test('a cancel that comes after its window gives nothing to the next one', async () => {
      const { clock, reserve, accepted } = start(1)
      const late = await accepted()
      clock.advance({ ms: 60_000 })
      await accepted()
      late.cancel()
      expect((await reserve()).ok).toBe(false)
    })

    test('keys do not share a window', async () => {
      const { reserve, accepted } = start(1)
      await accepted()
      expect((await reserve({ keyId: 'key_2' })).ok).toBe(true)
      expect((await reserve({ keyId: 'constructor' })).ok).toBe(true)
      expect((await reserve()).ok).toBe(false)
    })

    test('no limit is no limit', async () => {
      const { reserve } = start(null)
      for (let i = 0; i < 1000; i++) {
        expect(await reserve()).toMatchObject({ ok: true, snapshot: { limitRequests: null, remainingRequests: null } })
      }
    })

    test('a limit that was lowered in mid-window holds at once', async () => {
      const { reserve, accepted } = start(3)
      await accepted()
      await accepted()
      expect(await reserve({ limits: { ...NO_LIMITS, requestsPerMinute: 1 } })).toMatchObject({
        ok: false,
        snapshot: { limitRequests: 1, remainingRequests: 0 }
      })
    })

    test('a look takes nothing, and sees what reserve would find', async () => {
      const { clock, peek, accepted } = start(2)
      for (let i = 0; i < 5; i++) expect(await peek()).toMatchObject({ remainingRequests: 2, resetS: 0 })
      const { snapshot } = await accepted()
      expect(await peek()).toEqual(snapshot)
      clock.advance({ ms: 60_000 })
      expect(await peek()).toMatchObject({ limitRequests: 2, remainingRequests: 2, resetS: 0 })
      expect(await start(null).peek()).toMatchObject({ limitRequests: null, remainingRequests: null })
    })

    test('many at once get exactly what there is', async () => {
      const { reserve } = start(20)
      const reservations = await Promise.all(Array.from({ length: 100 }, () => reserve()))
      expect(reservations.filter(({ ok }) => ok)).toHaveLength(20)
    })

    test('a clock that is set back locks nobody out', async () => {
      const { clock, reserve, accepted } = start(1)
      await accepted()
      clock.set(clock.nowMs() - 3_600_000)
      expect((await reserve()).ok).toBe(true)
    })
  })
}
