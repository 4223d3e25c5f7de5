import type { Receipt } from '@caicaini/protocol'
import { type Clock, sleep } from '../lib/clock.js'
import type { Db } from '../storage/tables.js'
import { availableOf, balanceOf, burnOrder, isLive } from './burn.js'
import type { Grant } from './model.js'
import { readGrants, readReceipt } from './store.js'

/** Live credits, in the order in which they are spent. Amounts in micro-credits. */
export interface BalanceSheet {
  readonly balance: bigint
  readonly available: bigint
  readonly subscription: bigint
  readonly grants: readonly Grant[]
}

/** What of the ledger its account may read. */
export function createReads({ db, clock }: { db: Db; clock: Clock }) {
  return {
    async balance(accountId: string): Promise<BalanceSheet> {
      const nowMs = clock.nowMs()
      const grants = (await readGrants(db, accountId)).filter((grant) => isLive(grant, nowMs)).sort(burnOrder)
      return {
        balance: balanceOf(grants, nowMs),
        available: availableOf(grants, nowMs),
        subscription: balanceOf(
          grants.filter(({ kind }) => kind === 'subscription'),
          nowMs
        ),
        grants
      }
    },

    /**
     * The receipt of an account's request, `pending` when it is still open after `waitMs`, undefined
     * where there is none. `keyId` narrows to one key's own requests and those of its session keys.
     */
    async receipt(ask: {
      accountId: string
      keyId?: string
      requestId: string
      waitMs: number
      signal?: AbortSignal
    }): Promise<Receipt | 'pending' | undefined> {
      const deadlineMs = clock.nowMs() + ask.waitMs
      for (;;) {
        const found = await readReceipt(db, ask.accountId, ask.requestId)
        if (!found || (ask.keyId !== undefined && !found.keyIds.includes(ask.keyId))) return undefined
        const leftMs = deadlineMs - clock.nowMs()
        if (found.receipt !== 'pending' || leftMs <= 0 || ask.signal?.aborted) return found.receipt
        // Another process may be the one that settles it: looking again is the one way that sees both.
        await sleep(clock, Math.min(leftMs, 20), ask.signal)
      }
    }
  }
}
