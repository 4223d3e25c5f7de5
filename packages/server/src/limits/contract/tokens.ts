import { describe, expect, test } from 'vitest'
import { type CreateLimiter, startLimiter } from './start.js'

export function tokensContract(createLimiter: CreateLimiter): void {
  const start = (inputTokensPerMinute: number | null = 100) => startLimiter(createLimiter, { inputTokensPerMinute })

  describe('input tokens per minute', () => {
    test('estimates fit up to the last token; beyond it, refused with the time to wait', async () => {
      const { clock, reserve } = start()
      expect(await reserve({ inputTokens: 60 })).toMatchObject({
        ok: true,
        snapshot: { limitInputTokens: 100, remainingInputTokens: 40, limitRequests: null, resetS: 60 }
      })
      clock.advance({ seconds: 48 })
      expect(await reserve({ inputTokens: 41 })).toMatchObject({
        ok: false,
        reason: 'tokens',
        retryAfterS: 12,
        snapshot: { remainingInputTokens: 40, resetS: 12 }
      })
      expect(await reserve({ inputTokens: 40 })).toMatchObject({ ok: true, snapshot: { remainingInputTokens: 0 } })
      clock.advance({ seconds: 12 })
      expect(await reserve({ inputTokens: 100 })).toMatchObject({ ok: true, snapshot: { remainingInputTokens: 0 } })
    })

    test('the truth takes the place of the estimate, more or less', async () => {
      const { accepted, peek } = start()
      const over = await accepted({ inputTokens: 60 })
      over.commit({ inputTokens: 20 })
      expect(await peek()).toMatchObject({ remainingInputTokens: 80 })
      const under = await accepted({ inputTokens: 10 })
      under.commit({ inputTokens: 75 })
      expect(await peek()).toMatchObject({ remainingInputTokens: 5 })
    })

    test('a truth beyond the limit leaves nothing, and nothing of it for the next minute', async () => {
      const { clock, accepted, reserve, peek } = start()
      const huge = await accepted()
      huge.commit({ inputTokens: 5_000 })
      expect(await peek()).toMatchObject({ remainingInputTokens: 0 })
      expect(await reserve({ inputTokens: 1 })).toMatchObject({ ok: false, reason: 'tokens' })
      clock.advance({ minutes: 1 })
      expect(await peek()).toMatchObject({ remainingInputTokens: 100, resetS: 0 })
    })

    test('a cancel gives the estimate back, once', async () => {
      const { accepted, peek } = start()
      const kept = await accepted({ inputTokens: 30 })
      const given = await accepted({ inputTokens: 50 })
      given.cancel()
      given.cancel()
      given.commit({ inputTokens: 90 })
      expect(await peek()).toMatchObject({ remainingInputTokens: 70 })
      kept.commit({ inputTokens: 30 })
      kept.cancel()
      expect(await peek()).toMatchObject({ remainingInputTokens: 70 })
    })

    test('an end that comes after its window does not touch the next one', async () => {
      const { clock, accepted, peek } = start()
      const committed = await accepted({ inputTokens: 40 })
      const cancelled = await accepted({ inputTokens: 40 })
      clock.advance({ minutes: 1 })
      await accepted({ inputTokens: 10 })
      committed.commit({ inputTokens: 1_000 })
      cancelled.cancel()
      expect(await peek()).toMatchObject({ remainingInputTokens: 90 })
    })

    test('what is larger than a whole window never fits: no time to wait, nothing taken', async () => {
      const { accepted, reserve, peek } = start()
      const before = await peek()
      expect(await reserve({ inputTokens: 101 })).toMatchObject({
        ok: false,
        reason: 'exceeds_tier',
        retryAfterS: null,
        snapshot: { remainingInputTokens: 100, resetS: 0 }
      })
      expect(await peek()).toEqual(before)
      await accepted({ inputTokens: 100 })
      expect(await reserve({ inputTokens: 101 })).toMatchObject({ ok: false, reason: 'exceeds_tier' })
    })

    test('no limit is no limit', async () => {
      expect(await start(null).reserve({ inputTokens: 10_000_000 })).toMatchObject({
        ok: true,
        snapshot: { limitInputTokens: null, remainingInputTokens: null, resetS: 0 }
      })
    })
  })
}
