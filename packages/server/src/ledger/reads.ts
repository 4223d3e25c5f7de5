import { AppError, type Receipt } from '@caicaini/protocol'
import { type Clock, sleep } from '../lib/clock.js'
import type { Db } from '../storage/tables.js'
import { availableOf, balanceOf, burnOrder, isLive } from './burn.js'
import { exportAccount, exportEntries } from './export.js'
import type { Grant } from './model.js'
import { whyBad } from './reconcile.js'
import {
  type Cursor,
  type ProviderCharge,
  readGrants,
  readProviderCharges,
  readReceipt,
  readReceipts,
  receiptOf
} from './store.js'

/** Live credits, in the order in which they are spent. Amounts in micro-credits. */
export interface BalanceSheet {
  readonly balance: bigint
  readonly available: bigint
  readonly subscription: bigint
  readonly grants: readonly Grant[]
}

/** What of the ledger its account, or an operator, may read. */
export function createReads({ db, clock }: { db: Db; clock: Clock }) {
  return {
    /** An account's receipts, newest first; `next` names where the following page begins, null after the last. */
    async receipts(ask: {
      accountId: string
      keyId?: string | undefined
      sinceMs: number
      before?: string | undefined
      count: number
    }): Promise<{ receipts: Receipt[]; next: string | null }> {
      const before = ask.before === undefined ? undefined : parseCursor(ask.before)
      const rows = await readReceipts(db, { ...ask, before, count: ask.count + 1 })
      const page = rows.slice(0, ask.count)
      const last = rows.length > ask.count ? page.at(-1) : undefined
      return { receipts: page.map(receiptOf), next: last ? `${last.settled_at_ms}.${last.request_id}` : null }
    },

    /** An account's book, line by line. */
    exportAccount: (accountId: string, sinceMs: number) =>
      exportAccount(db, accountId, { sinceMs, nowMs: clock.nowMs() }),

    /** Every account's entries since then. */
    exportEntries: (sinceMs: number) => exportEntries(db, { sinceMs }),

    /** The charges of a provider in that time whose answers were no good, and why. */
    async badCharges(ask: { provider: string; fromMs: number; toMs: number }): Promise<BadCharge[]> {
      const bad: BadCharge[] = []
      for await (const charge of readProviderCharges(db, ask)) {
        const why = whyBad(charge)
        if (why) bad.push({ ...charge, why })
      }
      return bad
    },

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

export interface BadCharge extends ProviderCharge {
  readonly why: 'cut' | 'empty' | 'error'
}

function parseCursor(text: string): Cursor {
  const match = /^(\d{1,15})\.([\w-]{1,128})$/.exec(text)
  if (!match) throw new AppError('invalid_request', `before: must be the "next" of the page before it, got "${text}"`)
  return { settledAtMs: Number(match[1]), requestId: match[2] ?? '' }
}
