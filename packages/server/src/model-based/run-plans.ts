import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { AppError, MICRO_PER_CREDIT } from '@caicaini/protocol'
import fc from 'fast-check'
import type { CatalogFile } from '../catalog/schema.js'
import { shippedCatalog } from '../testing/catalog.js'
import { monthNumber, PlainPlans } from './plain-plans.js'
import { OPERATOR, openPlansWorld, type PlansWorld, subscriberId } from './plans-world.js'

const DAY_MS = 86_400_000
const PLANS = Object.keys(shippedCatalog().plans)

const process = fc.nat(1)
const account = fc.nat(99)
const plan = fc.constantFrom(...PLANS)

const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), plan }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      process,
      account,
      plan,
      months: fc.option(fc.integer({ min: 1, max: 4 }))
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), process, account }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ask' as const), process, account }) },
  /** Both processes at once. */
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('askBoth' as const), account }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const), process }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweepBoth' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, DAY_MS, 9 * DAY_MS, 40 * DAY_MS, 70 * DAY_MS)
    })
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('turn' as const), beside: fc.integer({ min: -1, max: 1 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('back' as const), ms: fc.constantFrom(-1000, -DAY_MS, -40 * DAY_MS) })
  }
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

export interface PlansProgram {
  readonly onDisk: boolean
  /** Starter gives more than the dearer Pro. */
  readonly odd: boolean
  /** The first account's. */
  readonly plan: string
  readonly steps: readonly Step[]
}

export const plansProgram: fc.Arbitrary<PlansProgram> = fc.record({
  onDisk: fc.nat(7).map((n) => n === 7),
  odd: fc.boolean(),
  plan,
  steps: fc.array(step, { minLength: 1, maxLength: 50, size: 'max' })
})

/** Runs a program on the plans of two processes and on plain ones, and compares after each step; how many steps. */
export async function runPlans({ onDisk, odd, plan: first, steps }: PlansProgram): Promise<number> {
  const catalog = shippedCatalog()
  const { starter } = catalog.plans
  if (odd && starter) starter.monthly_credits = 30_000
  const world = await openPlansWorld({ onDisk, catalog })
  try {
    const run = new PlansRun(world, catalog)
    await run.take({ kind: 'create', plan: first })
    for (const each of steps) {
      await run.take(each)
      await run.compare()
    }
    const { differences } = await world.process(0).ledger.audit()
    deepStrictEqual(differences, [])
    return steps.length
  } finally {
    await world.close()
  }
}

class PlansRun {
  readonly world: PlansWorld
  readonly plain: PlainPlans

  constructor(world: PlansWorld, { plans }: CatalogFile) {
    this.world = world
    const plain = Object.entries(plans).map(([name, { price_usd_cents: priceCents, monthly_credits }]) => {
      return { name, priceCents, monthly: BigInt(monthly_credits) * MICRO_PER_CREDIT }
    })
    this.plain = new PlainPlans(world.clock.nowMs, plain)
  }

  async take(each: Step): Promise<void> {
    const { world, plain } = this
    const nowMs = world.clock.nowMs()
    switch (each.kind) {
      case 'create':
        await world.create(plain.subscribers.length, each.plan)
        return plain.create(each.plan)
      case 'change':
        return this.#change(each)
      case 'end':
        return this.#end(each)
      case 'ask':
        return this.#ask(each.account, [each.process])
      case 'askBoth':
        return this.#ask(each.account, [0, 1])
      case 'sweep':
        return this.#sweep([each.process])
      case 'sweepBoth':
        return this.#sweep([0, 1])
      case 'wait':
        return world.setClock(nowMs + each.ms)
      case 'turn': {
        const now = new Date(nowMs)
        return world.setClock(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) + each.beside)
      }
      case 'back':
        return world.setClock(nowMs + each.ms)
    }
  }

  async compare(): Promise<void> {
    const { db } = this.world.process(1)
    const rows = await db
      .selectFrom('subscription_month as m')
      .innerJoin('subscription as s', 's.id', 'm.subscription_id')
      .leftJoin('grant as g', 'g.id', 'm.grant_id')
      .select(['s.account_id', 's.id', 'm.plan', 'm.month', 'm.micro', 'g.amount', 'g.kind', 'g.expires_at_ms'])
      .orderBy('s.id')
      .orderBy('m.month')
      .execute()
    for (const { micro, amount, kind, month, expires_at_ms } of rows) {
      strictEqual(amount ?? 0n, micro)
      if (micro === 0n) continue
      deepStrictEqual({ kind, ends: Number(expires_at_ms) }, { kind: 'subscription', ends: monthEnd(month) })
    }
    const months = rows.map(({ account_id, plan: name, month, micro }) => [account_id, name, month, micro] as const)
    deepStrictEqual(byAccount(months), byAccount(this.#plainMonths()))
    const { granted } = await db
      .selectFrom('grant')
      .select(({ fn }) => fn.sum<bigint | null>('amount').as('granted'))
      .executeTakeFirstOrThrow()
    strictEqual(
      granted ?? 0n,
      rows.reduce((sum, { micro }) => sum + micro, 0n)
    )
    await this.#comparePlans()
    this.#checkRichest()
  }

  async #comparePlans(): Promise<void> {
    const rows = await this.world.process(0).db.selectFrom('account').select(['id', 'plan']).execute()
    const plans = new Map(rows.map(({ id, plan: name }) => [id, name]))
    for (const [index, { running }] of this.plain.subscribers.entries())
      strictEqual(plans.get(subscriberId(index)), running.plan.name)
  }

  /** However often a plan is changed, a month gives no more than the richest plan in it would. */
  #checkRichest(): void {
    for (const subscriber of this.plain.subscribers) {
      for (const month of new Set(subscriber.all.flatMap(({ given }) => [...given.keys()]))) {
        const plans = subscriber.all.filter(({ given }) => given.has(month)).map(({ plan: { monthly } }) => monthly)
        const richest = plans.reduce((most, monthly) => (monthly > most ? monthly : most), 0n)
        ok(this.plain.givenIn(subscriber, month) <= richest, `${month} gives no more than ${richest}`)
      }
    }
  }

  #plainMonths() {
    return this.plain.subscribers.flatMap(({ all }, index) =>
      all.flatMap(({ plan: { name }, given }) =>
        [...given]
          .sort(([a], [b]) => a - b)
          .map(([month, micro]) => [subscriberId(index), name, textOf(month), micro] as const)
      )
    )
  }

  async #change({ process: at, account: some, plan: name, months }: Step & { kind: 'change' }): Promise<void> {
    const index = this.#index(some)
    const ask = { accountId: subscriberId(index), plan: name, by: OPERATOR, ...(months !== null && { months }) }
    const isChanged = await isDone(this.world.process(at).plans.change(ask))
    strictEqual(isChanged, this.plain.change(index, name, { months, process: at }))
  }

  async #end({ process: at, account: some }: Step & { kind: 'end' }): Promise<void> {
    const index = this.#index(some)
    const ended = this.world.process(at).plans.end({ accountId: subscriberId(index), by: OPERATOR })
    const isEnded = await isDone(ended)
    strictEqual(isEnded, this.plain.end(index, at))
  }

  async #ask(some: number, processes: readonly number[]): Promise<void> {
    const index = this.#index(some)
    const { db } = this.world.process(0)
    const read = db.selectFrom('account').select(['id', 'role', 'plan']).where('id', '=', subscriberId(index))
    const account = await read.executeTakeFirstOrThrow()
    const nowMs = this.world.clock.nowMs()
    const asked = await Promise.all(processes.map((at) => this.world.process(at).plans.current(account, nowMs)))
    deepStrictEqual(
      asked,
      processes.map((at) => this.plain.current(index, at))
    )
  }

  async #sweep(processes: readonly number[]): Promise<void> {
    const never = () => false
    await Promise.all(processes.map((at) => this.world.process(at).plans.sweep(never)))
    for (const at of processes) this.plain.sweep(at)
  }

  #index(some: number): number {
    return some % this.plain.subscribers.length
  }
}

/** False where it was refused as a conflict. */
function isDone(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    (error) => {
      if (error instanceof AppError && error.code === 'conflict') return false
      throw error
    }
  )
}

function byAccount<R extends readonly [string, ...unknown[]]>(rows: readonly R[]): Map<string, R[]> {
  return Map.groupBy(rows, ([accountId]) => accountId) as Map<string, R[]>
}

function textOf(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
}

/** First millisecond after a month, `YYYY-MM`. */
function monthEnd(month: string): number {
  const next = monthNumber(Date.parse(`${month}-01T00:00:00Z`)) + 1
  return Date.UTC(Math.floor(next / 12), next % 12, 1)
}
