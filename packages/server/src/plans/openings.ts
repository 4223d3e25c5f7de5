import { type Catalog, FREE_PLAN } from '../catalog/catalog.js'
import type { PlanEntry } from '../catalog/schema.js'
import type { Ledger } from '../ledger/service.js'
import { assert } from '../lib/assert.js'
import type { Ids } from '../lib/ids.js'
import type { Tx } from '../storage/tables.js'
import { monthlyMicro } from './decide.js'
import { type Month, monthEndMs, monthOf, prorate } from './months.js'
import { insertMonth, insertSubscription, updatePlan } from './store.js'

export interface NewSubscription {
  readonly accountId: string
  readonly plan: string
  /** Inclusive; null = until it is changed. */
  readonly lastMonth: Month | null
  /** The account that asked for it; null where the server itself did. */
  readonly by: string | null
  readonly nowMs: number
}

interface GivenMonth {
  readonly accountId: string
  readonly id: string
  readonly plan: string
  readonly month: Month
  /** Micro-credits. */
  readonly micro: bigint
  readonly nowMs: number
}

export interface OpeningsDeps {
  readonly ids: Ids
  readonly ledger: Ledger
  readonly catalog: Catalog
  /** Whether the free credits of an account wait for an operator. What is paid for never does. */
  readonly isWithheld?: (tx: Tx, accountId: string) => Promise<boolean>
}

export type Openings = ReturnType<typeof createOpenings>

/** How subscriptions and their months come to be, inside a caller's transaction. */
export function createOpenings({ ids, ledger, catalog, isWithheld = async () => false }: OpeningsDeps) {
  /** A plan that is offered, as its callers have made sure. */
  function entryOf(plan: string): PlanEntry {
    const entry = catalog.plans[plan]
    assert(entry !== undefined, `the plan ${plan} is offered`)
    return entry
  }

  /** One row and, where it gives something, one grant: both, or neither. */
  async function giveMonth(tx: Tx, { accountId, id, plan, month, nowMs, ...given }: GivenMonth): Promise<void> {
    const waits = plan === FREE_PLAN && given.micro > 0n && (await isWithheld(tx, accountId))
    const micro = waits ? 0n : given.micro
    const grant = {
      accountId,
      kind: 'subscription' as const,
      amount: micro,
      reference: `subscription:${id}:${month}`,
      expiresAtMs: monthEndMs(month),
      detail: { plan, month }
    }
    const grantId = micro > 0n ? (await ledger.grantIn(tx, grant)).grantId : null
    await insertMonth(tx, { subscription_id: id, month, plan, grant_id: grantId, micro, created_at_ms: BigInt(nowMs) })
  }

  async function insert(
    tx: Tx,
    { accountId, plan, lastMonth, by, nowMs }: NewSubscription,
    at: { beginsMonth: Month; begunAtMs: bigint | null; baseMonthly: bigint }
  ): Promise<string> {
    const id = ids.next('sub')
    await insertSubscription(tx, {
      id,
      account_id: accountId,
      plan,
      state: 'active',
      begins_month: at.beginsMonth,
      last_month: lastMonth,
      base_monthly: at.baseMonthly,
      created_at_ms: BigInt(nowMs),
      begun_at_ms: at.begunAtMs,
      ended_at_ms: null,
      created_by: by
    })
    return id
  }

  /** Begins a subscription now; `micro` is what it gives in this month, `baseMonthly` what it replaces a month. */
  async function begin(tx: Tx, ask: NewSubscription, given: { micro: bigint; baseMonthly: bigint }): Promise<void> {
    const { accountId, plan, nowMs } = ask
    const month = monthOf(nowMs)
    const at = { beginsMonth: month, begunAtMs: BigInt(nowMs), baseMonthly: given.baseMonthly }
    const id = await insert(tx, ask, at)
    await giveMonth(tx, { accountId, id, plan, month, micro: given.micro, nowMs })
    await updatePlan(tx, accountId, plan)
  }

  /** Begins an account's first subscription, with its share of the month that is left. */
  function beginFirst(tx: Tx, ask: NewSubscription): Promise<void> {
    return begin(tx, ask, { micro: prorate(monthlyMicro(entryOf(ask.plan)), ask.nowMs), baseMonthly: 0n })
  }

  /** What was withheld of this month, once: its share of the days that are left. */
  async function giveReleased(tx: Tx, accountId: string, nowMs: number): Promise<void> {
    const month = monthOf(nowMs)
    const amount = prorate(monthlyMicro(entryOf(FREE_PLAN)), nowMs)
    if (amount === 0n) return
    const grant = { accountId, kind: 'promotion' as const, amount, reference: `released:${month}` }
    await ledger.grantIn(tx, { ...grant, expiresAtMs: monthEndMs(month), detail: { plan: FREE_PLAN, month } })
  }

  return {
    entryOf,
    giveMonth,
    giveReleased,
    begin,
    beginFirst,

    /** Puts a subscription down for a later month. */
    schedule(tx: Tx, ask: NewSubscription & { readonly beginsMonth: Month }): Promise<string> {
      return insert(tx, ask, { beginsMonth: ask.beginsMonth, begunAtMs: null, baseMonthly: 0n })
    }
  }
}
