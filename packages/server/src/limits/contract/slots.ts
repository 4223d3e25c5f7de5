import { describe, expect, test } from 'vitest'
import { MIXED_LIMITS, mixedEndings } from './mixed-endings.js'
import { type CreateLimiter, startLimiter } from './start.js'

export function slotsContract(createLimiter: CreateLimiter): void {
  describe('slots', () => {
    const start = () => startLimiter(createLimiter, { concurrentStreams: 1, concurrentRequests: 3 })
    const stream = true

    test.each(['commit', 'cancel'] as const)('a stream keeps its slot until its %s', async (ending) => {
      const { clock, reserve, accepted } = start()
      const first = await accepted({ stream })
      clock.advance({ minutes: 10 })
      expect(await reserve({ stream })).toMatchObject({ ok: false, reason: 'streams', retryAfterS: 1 })
      first[ending]({ inputTokens: 1 })
      expect((await reserve({ stream })).ok).toBe(true)
    })

    test('what is not streamed takes no slot of a stream', async () => {
      const { reserve, accepted } = start()
      await accepted()
      await accepted({ stream })
      expect((await reserve()).ok).toBe(true)
    })

    test('requests at once are counted streamed or not, also where there is no other limit', async () => {
      const { reserve, accepted } = startLimiter(createLimiter, { concurrentRequests: 3 })
      const first = await accepted({ stream })
      await accepted({ stream })
      await accepted()
      for (const each of [{ stream }, {}]) {
        expect(await reserve(each)).toMatchObject({ ok: false, reason: 'concurrent', retryAfterS: 1 })
      }
      expect((await reserve({ keyId: 'key_2' })).ok).toBe(true)
      first.commit({ inputTokens: 1 })
      expect((await reserve()).ok).toBe(true)
    })

    test('a slot comes back once, however often its request ends', async () => {
      const { reserve, accepted } = start()
      const first = await accepted({ stream })
      first.commit({ inputTokens: 1 })
      await accepted({ stream })
      first.commit({ inputTokens: 1 })
      first.cancel()
      expect(await reserve({ stream })).toMatchObject({ ok: false, reason: 'streams' })
    })

    test('many at once get exactly what there is', async () => {
      const { reserve } = startLimiter(createLimiter, { concurrentStreams: 5, concurrentRequests: 20 })
      const asked = await Promise.all(Array.from({ length: 100 }, (_, i) => reserve({ stream: i % 2 === 0 })))
      expect(asked.filter(({ ok }) => ok)).toHaveLength(20)
      expect(asked.filter(({ ok }, i) => ok && i % 2 === 0)).toHaveLength(5)
    })

    test('10,000 mixed endings end at zero', async () => {
      const { clock, limiter } = await mixedEndings(createLimiter, { keys: 3 })
      clock.advance({ minutes: 2 })
      for (const keyId of ['key_0', 'key_1', 'key_2']) {
        const { concurrentStreams, concurrentRequests } = MIXED_LIMITS
        const asked = await Promise.all(
          Array.from({ length: 2 * concurrentRequests }, (_, i) =>
            limiter.reserve({ keyId, limits: MIXED_LIMITS, inputTokens: 1, stream: i < concurrentRequests })
          )
        )
        expect(asked.slice(0, concurrentRequests).filter(({ ok }) => ok)).toHaveLength(concurrentStreams)
        expect(asked.filter(({ ok }) => ok)).toHaveLength(concurrentRequests)
      }
    })
  })
}
