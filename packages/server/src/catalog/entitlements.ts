import { type AccountLimitSettings, AppError, type LimitSettings } from '@caicaini/protocol'
import type { Catalog } from './catalog.js'
import type { ModelEntry, PlanEntry } from './schema.js'

/** What an account is entitled by. The owner of the data has every right of every plan. */
export interface Entitled {
  readonly role: string
  readonly plan: string
  readonly tier: string
  /** What an operator set for this account, in place of its tier's limits and the ceiling. */
  readonly limits?: AccountLimitSettings | null
}

/** The account's plan; 403 when the catalog no longer has it. */
export function planOf(catalog: Catalog, { plan }: Entitled): PlanEntry {
  const entry = catalog.plans[plan]
  if (!entry) throw new AppError('plan', `the plan "${plan}" is no longer offered here: ask the operator`)
  return entry
}

/** Limits as a limiter is asked; null = none. */
export interface Ceiling {
  readonly requestsPerMinute: number | null
  readonly inputTokensPerMinute: number | null
  readonly concurrentStreams: number | null
}

/** A tier, and the limits of each key: the tier's, but for those that an operator set. */
export interface Tier {
  readonly name: string
  readonly limits: Ceiling & { readonly concurrentRequests: number }
}

/** The higher of the account's own tier and the lowest that its plan grants. */
export function tierOf(catalog: Catalog, account: Entitled): Tier {
  const names = Object.keys(catalog.tiers)
  const granted = account.role === 'owner' ? -1 : names.indexOf(planOf(catalog, account).lowest_tier)
  const name = names[Math.max(names.indexOf(account.tier), granted)] ?? account.tier
  const tier = catalog.tiers[name]
  if (!tier) throw new AppError('plan', `the tier "${name}" is no longer offered here: ask the operator`)
  return {
    name,
    limits: {
      ...limitsOf(tier, account.limits?.key),
      concurrentRequests: catalog.limits.concurrent_requests_per_key_max
    }
  }
}

/** What all keys of the account together may take. */
export function ceilingOf(catalog: Catalog, account: Entitled): Ceiling {
  return limitsOf(catalog.limits.account_ceiling, account.limits?.account)
}

function limitsOf(usual: Required<LimitSettings>, set: LimitSettings = {}): Ceiling {
  // Null is a setting, too: no limit.
  const of = (name: keyof LimitSettings) => (set[name] === undefined ? (usual[name] ?? null) : set[name])
  return {
    requestsPerMinute: of('requests_per_minute'),
    inputTokensPerMinute: of('input_tokens_per_minute'),
    concurrentStreams: of('concurrent_streams')
  }
}

export function includesModel(catalog: Catalog, account: Entitled, model: ModelEntry): boolean {
  if (account.role === 'owner') return true
  const { models } = planOf(catalog, account)
  return models === 'all' || models.includes(model.id)
}

/** Percent off the list price. */
export function discountOf(catalog: Catalog, account: Entitled): number {
  return account.role === 'owner' ? 0 : planOf(catalog, account).discount_percent
}

/** 403 that names a plan which includes this way in, where the account's does not. */
export function requireClient(catalog: Catalog, account: Entitled, client: 'api' | 'cli'): void {
  if (account.role === 'owner') return
  const plan = planOf(catalog, account)
  if (plan.scopes.includes(client)) return
  const what = client === 'cli' ? 'the caicaini command' : 'API keys'
  const other = firstPlan(catalog, ({ scopes }) => scopes.includes(client))
  throw notIncluded(plan, what, other)
}

/** 403 that names a plan which includes the model, where the account's does not. */
export function requireModel(catalog: Catalog, account: Entitled, model: ModelEntry): void {
  if (includesModel(catalog, account, model)) return
  const other = firstPlan(catalog, ({ models }) => models === 'all' || models.includes(model.id))
  throw notIncluded(planOf(catalog, account), model.id, other)
}

function firstPlan(catalog: Catalog, includes: (plan: PlanEntry) => boolean): PlanEntry | undefined {
  return Object.values(catalog.plans).find(includes)
}

function notIncluded(plan: PlanEntry, what: string, other: PlanEntry | undefined): AppError {
  const way = other ? `the plan ${other.display_name} does` : 'no plan does at the moment'
  return new AppError('plan', `the plan ${plan.display_name} does not include ${what}; ${way}`)
}
