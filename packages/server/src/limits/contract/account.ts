import { describe, expect, test } from 'vitest'
import type { AccountLimits, LimitAsk } from '../limiter.js'
import { type CreateLimiter, NO_LIMITS, startLimiter } from './start.js'

const NO_CEILING: AccountLimits = { requestsPerMinute: null, inputTokensPerMinute: null, concurrentStreams: null }

export function accountContract(createLimiter: CreateLimiter): void {
  describe("an account's ceiling over all its keys", () => {
    /** One account's way to ask, by any of its keys. */
    function start(ceiling: Partial<AccountLimits>, keyLimits: Partial<LimitAsk['limits']> = {}) {
      const limiter = startLimiter(createLimiter, keyLimits)
      const account = { id: 'acct_1', limits: { ...NO_CEILING, ...ceiling } }
      const ask = (keyId: string, changes: Partial<LimitAsk> = {}) => limiter.reserve({ keyId, account, ...changes })
      async function accepted(keyId: string, changes: Partial<LimitAsk> = {}) {
        const reservation = await ask(keyId, changes)
        if (!reservation.ok) throw new Error(`refused: ${reservation.reason}`)
        return reservation
      }
      return { ...limiter, ask, accepted }
    }

    test('requests of several keys add up; another account has its own', async () => {
      const { clock, ask, accepted } = start({ requestsPerMinute: 2 })
      await accepted('key_1')
      clock.advance({ seconds: 48 })
      await accepted('key_2')
      const refused = { ok: false, scope: 'account', reason: 'requests', retryAfterS: 12 }
      for (const keyId of ['key_1', 'key_2', 'key_3']) expect(await ask(keyId)).toMatchObject(refused)
      const other = { id: 'acct_2', limits: { ...NO_CEILING, requestsPerMinute: 2 } }
      expect((await ask('key_9', { account: other })).ok).toBe(true)
      clock.advance({ seconds: 12 })
      expect((await ask('key_1')).ok).toBe(true)
    })

    test('tokens add up, by their truth; what is larger than the ceiling never fits', async () => {
      const { ask, accepted } = start({ inputTokensPerMinute: 100 })
      const first = await accepted('key_1', { inputTokens: 60 })
      expect(await ask('key_2', { inputTokens: 41 })).toMatchObject({ scope: 'account', reason: 'tokens' })
      first.commit({ inputTokens: 20 })
      expect((await ask('key_2', { inputTokens: 80 })).ok).toBe(true)
      const never = { ok: false, scope: 'account', reason: 'exceeds_tier', retryAfterS: null }
      expect(await ask('key_2', { inputTokens: 101 })).toMatchObject(never)
    })

    test.each(['commit', 'cancel'] as const)('streams add up until their %s', async (ending) => {
      const { ask, accepted } = start({ concurrentStreams: 1 })
      const first = await accepted('key_1', { stream: true })
      expect(await ask('key_2', { stream: true })).toMatchObject({ scope: 'account', reason: 'streams' })
      expect((await ask('key_2')).ok).toBe(true)
      first[ending]({ inputTokens: 1 })
      expect((await ask('key_2', { stream: true })).ok).toBe(true)
    })

    test('what the account refuses takes nothing from the key, and the other way round', async () => {
      const { ask, accepted, peek } = start({ requestsPerMinute: 2 }, { requestsPerMinute: 1 })
      await accepted('key_1')
      // The key refuses 50 times: the account still has one place.
      for (let i = 0; i < 50; i++) expect(await ask('key_1')).toMatchObject({ scope: 'key', reason: 'requests' })
      const last = await accepted('key_2')
      for (let i = 0; i < 50; i++) expect(await ask('key_3')).toMatchObject({ scope: 'account', reason: 'requests' })
      last.cancel()
      expect(await ask('key_3')).toMatchObject({ ok: true, snapshot: { remainingRequests: 0 } })
      expect(await peek()).toMatchObject({ remainingRequests: 0 })
    })

    test('of the two the one that takes longer is told', async () => {
      const { clock, ask, accepted } = start({ requestsPerMinute: 2 }, { requestsPerMinute: 1 })
      await accepted('key_1')
      clock.advance({ seconds: 20 })
      await accepted('key_2')
      // key_2's window has a minute to go, the account's began twenty seconds before.
      expect(await ask('key_2')).toMatchObject({ scope: 'key', retryAfterS: 60 })
      expect(await ask('key_1')).toMatchObject({ scope: 'key', retryAfterS: 40 })
    })

    test('a ceiling that is set in mid-minute counts what was taken before it, and one that is lifted is gone', async () => {
      const { ask, accepted } = start({})
      const account = { id: 'acct_1', limits: { ...NO_CEILING, requestsPerMinute: 2, concurrentStreams: 1 } }
      await accepted('key_1', { stream: true })
      expect(await ask('key_2', { account, stream: true })).toMatchObject({ scope: 'account', reason: 'streams' })
      expect((await ask('key_2', { account })).ok).toBe(true)
      expect(await ask('key_2', { account })).toMatchObject({ scope: 'account', reason: 'requests' })
      expect((await ask('key_2')).ok).toBe(true)
    })

    test('a thousand mixed endings leave every slot free', async () => {
      const { clock, ask } = start({ concurrentStreams: 5 })
      for (let i = 0; i < 200; i++) {
        const asked = await Promise.all(Array.from({ length: 10 }, (_, k) => ask(`key_${k}`, { stream: k % 3 > 0 })))
        expect(asked.filter((each, k) => each.ok && k % 3 > 0)).toHaveLength(5)
        for (const [k, each] of asked.entries()) {
          if (!each.ok) continue
          if ((i + k) % 2 === 0) each.cancel()
          each.commit({ inputTokens: k })
          each.cancel()
        }
        clock.advance({ seconds: i % 7 })
      }
      expect(await ask('key_1', { stream: true, limits: { ...NO_LIMITS, concurrentRequests: 1 } })).toMatchObject({
        ok: true
      })
    })
  })
}
