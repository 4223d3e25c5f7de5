import { AppError } from '@caicaini/protocol'
import { type Catalog, FREE_PLAN } from '../catalog/catalog.js'
import type { PlanEntry } from '../catalog/schema.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { Db, Tx } from '../storage/tables.js'
import { type ChangesDeps, createChanges } from './changes.js'
import { type Change, decideChange, levelOf, refuseKeyBeyond, type Term } from './decide.js'
import { createMonthKeeper } from './month-keeper.js'
import { type Month, monthEndMs, monthOf } from './months.js'
import { createOpenings, type NewSubscription } from './openings.js'
import { readGiven, readMonthGiven, readStanding, readSubscriber, type SubscriberRow } from './store.js'
import { createTurning } from './turn.js'

export interface PlansDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly ledger: Ledger
  readonly catalog: Catalog
  readonly operatorLog: OperatorLog
  readonly onChanged: ChangesDeps['onChanged']
  /** Keys are remembered with the plan of their account: called after one has changed. */
  readonly forgetKeys: () => void
  /** Whether the free credits of an account wait for an operator. */
  readonly isWithheld?: (tx: Tx, accountId: string) => Promise<boolean>
}

/** An account's subscription as its owner is told of it. Amounts in micro-credits. */
export interface SubscriptionView {
  readonly account: SubscriberRow
  readonly sinceMs: number | null
  readonly running: Term | undefined
  readonly scheduled: Term | undefined
  readonly thisMonth: { readonly month: Month; readonly micro: bigint; readonly endsAtMs: number } | null
}

export type Plans = ReturnType<typeof createPlans>

/** Subscriptions: one a UTC month gives its credits, once; up at once, down at the month's turn. */
export function createPlans(deps: PlansDeps) {
  const { db, clock, catalog } = deps
  const openings = createOpenings(deps)
  const turning = createTurning({ openings, catalog })
  const months = createMonthKeeper({ ...deps, turning })
  const { current, sweep, lookAgain } = months
  const changes = createChanges({ ...deps, openings, turning, months, planEntry })

  function planEntry(name: string): PlanEntry {
    const entry = Object.hasOwn(catalog.plans, name) ? catalog.plans[name] : undefined
    if (entry) return entry
    throw new AppError(
      'invalid_request',
      `plan: must be one of ${Object.keys(catalog.plans).join(', ')}, got "${name}"`
    )
  }

  return {
    /** The free credits that were withheld of this month, where the account is on that plan still. */
    async giveReleasedIn(tx: Tx, accountId: string): Promise<void> {
      const { plan } = await readSubscriber(tx, accountId)
      if (plan === FREE_PLAN) await openings.giveReleased(tx, accountId, clock.nowMs())
    },

    /** An account's first subscription, in the transaction that makes the account. */
    beginFirst: (tx: Tx, ask: Omit<NewSubscription, 'nowMs' | 'lastMonth'>): Promise<void> =>
      openings.beginFirst(tx, { ...ask, lastMonth: null, nowMs: clock.nowMs() }),

    current,
    sweep,
    lookAgain,
    ...changes,

    async view(accountId: string): Promise<SubscriptionView> {
      const nowMs = clock.nowMs()
      const account = await readSubscriber(db, accountId)
      const plan = await current(account, nowMs)
      const month = monthOf(nowMs)
      const standing = await readStanding(db, accountId)
      const micro = await readMonthGiven(db, accountId, month)
      return {
        account: { ...account, plan },
        ...standing,
        thisMonth: standing.running ? { month, micro, endsAtMs: monthEndMs(month) } : null
      }
    },

    /** What changing to each plan would mean for an account now; nothing for the one it has, or for the owner. */
    async quotes(accountId: string): Promise<ReadonlyMap<string, Exclude<Change, { kind: 'same' }>>> {
      const { running } = await readStanding(db, accountId)
      const quotes = new Map<string, Exclude<Change, { kind: 'same' }>>()
      if (!running) return quotes
      const [from, nowMs] = [planEntry(running.plan), clock.nowMs()]
      const level = levelOf(running, from, { given: await readGiven(db, running.id, monthOf(nowMs)), nowMs })
      for (const [name, to] of Object.entries(catalog.plans)) {
        const change = decideChange({ from, to, same: name === running.plan, level, nowMs })
        if (change.kind !== 'same') quotes.set(name, change)
      }
      return quotes
    },

    /** 403 when the account's plan has no room for one key more than the `keys` there are. */
    async admitKey(tx: Tx, { accountId, keys }: { accountId: string; keys: number }): Promise<void> {
      const { role } = await readSubscriber(tx, accountId)
      if (role === 'owner') return
      // Its month may have turned since anybody looked.
      const { plan, changed } = await turning.turn(tx, accountId, clock.nowMs())
      if (changed) deps.forgetKeys()
      refuseKeyBeyond(catalog.plans, plan, keys)
    }
  }
}
