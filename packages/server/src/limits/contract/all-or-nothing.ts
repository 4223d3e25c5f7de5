import { describe, expect, test } from 'vitest'
import type { LimitAsk } from '../limiter.js'
import { type CreateLimiter, startLimiter } from './start.js'

export function allOrNothingContract(createLimiter: CreateLimiter): void {
  const limits = { requestsPerMinute: 3, inputTokensPerMinute: 100, concurrentStreams: 1, concurrentRequests: 2 }

  describe('a refusal for one reason takes nothing of the others', () => {
    const cases: { reason: string; before: Partial<LimitAsk>[]; refused: Partial<LimitAsk>; stillFits: object }[] = [
      { reason: 'tokens', before: [{ inputTokens: 60 }], refused: { inputTokens: 41, stream: true }, stillFits: {} },
      { reason: 'exceeds_tier', before: [{}], refused: { inputTokens: 101, stream: true }, stillFits: {} },
      { reason: 'streams', before: [{ stream: true }], refused: { stream: true }, stillFits: { stream: false } }
    ]

    test.each(cases)('$reason', async ({ before, refused, reason, stillFits }) => {
      const { reserve, accepted, peek } = startLimiter(createLimiter, limits)
      for (const each of before) await accepted(each)
      const found = await peek()
      for (let i = 0; i < 50; i++) {
        expect(await reserve(refused)).toMatchObject({ ok: false, reason, snapshot: found })
      }
      expect(await peek()).toEqual(found)
      const remainingRequests = (found.remainingRequests ?? 0) - 1
      expect(await reserve({ stream: true, ...stillFits })).toMatchObject({ ok: true, snapshot: { remainingRequests } })
    })

    test('requests', async () => {
      const { clock, reserve, accepted, peek } = startLimiter(createLimiter, limits)
      for (let i = 0; i < 3; i++) (await accepted()).commit({ inputTokens: 5 })
      for (let i = 0; i < 50; i++) {
        expect(await reserve({ stream: true })).toMatchObject({ ok: false, reason: 'requests', retryAfterS: 60 })
      }
      expect(await peek()).toMatchObject({ remainingRequests: 0, remainingInputTokens: 85 })
      clock.advance({ minutes: 1 })
      expect((await reserve({ stream: true })).ok).toBe(true)
      expect((await reserve()).ok).toBe(true)
    })

    test('concurrent', async () => {
      const { reserve, accepted, peek } = startLimiter(createLimiter, limits)
      const [first] = [await accepted(), await accepted()]
      const found = await peek()
      for (let i = 0; i < 50; i++) expect(await reserve({ stream: true })).toMatchObject({ reason: 'concurrent' })
      expect(await peek()).toEqual(found)
      first.commit({ inputTokens: 10 })
      expect(await reserve({ stream: true })).toMatchObject({ ok: true, snapshot: { remainingRequests: 0 } })
    })

    test('a slot that is refused begins no window', async () => {
      const { clock, reserve, accepted, peek } = startLimiter(createLimiter, limits)
      await accepted({ stream: true })
      clock.advance({ minutes: 2 })
      expect(await reserve({ stream: true })).toMatchObject({ ok: false, reason: 'streams', snapshot: { resetS: 0 } })
      expect(await peek()).toMatchObject({ remainingRequests: 3, remainingInputTokens: 100, resetS: 0 })
    })

    test('of several reasons the one that takes longest is told', async () => {
      const { clock, reserve, accepted } = startLimiter(createLimiter, { ...limits, requestsPerMinute: 1 })
      await accepted({ stream: true })
      clock.advance({ seconds: 20 })
      expect(await reserve({ stream: true })).toMatchObject({ reason: 'requests', retryAfterS: 40 })
      expect(await reserve({ stream: true, inputTokens: 101 })).toMatchObject({ reason: 'exceeds_tier' })
    })
  })

  test('a request that is cancelled whole leaves the window as if it had never been', async () => {
    const { clock, accepted, peek } = startLimiter(createLimiter, limits)
    const before = await peek()
    const only = await accepted({ stream: true })
    only.cancel()
    expect(await peek()).toEqual(before)
    clock.advance({ seconds: 30 })
    expect((await accepted()).snapshot.resetS).toBe(60)
  })
}
