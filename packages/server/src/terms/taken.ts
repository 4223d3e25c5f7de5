import { assertNever } from '@caicaini/protocol'
import { FREE_PLAN } from '../catalog/catalog.js'
import type { ModelEntry, PlanEntry, TierEntry } from '../catalog/schema.js'
import type { Subject, Terms } from './subject.js'

/** What the catalog says around a subject, for what two entries alone do not tell. */
export interface Around {
  readonly before: Terms
  readonly after: Terms
}

/**
 * What a change from `old` to `entry` takes from those who have it, in sentences; none when it only
 * gives. Undefined = removed.
 */
export function takenFrom(old: Subject, entry: Subject['entry'] | undefined, around: Around): string[] {
  switch (old.kind) {
    case 'plan':
      return takenFromPlan(old.entry, entry as PlanEntry | undefined, around)
    case 'tier':
      return takenFromTier(old.name, old.entry, entry as TierEntry | undefined)
    case 'model':
      return takenModel(old.entry, entry as ModelEntry | undefined)
    default:
      return assertNever(old)
  }
}

function takenFromPlan(old: PlanEntry, plan: PlanEntry | undefined, around: Around): string[] {
  const name = `the plan ${old.display_name}`
  if (!plan) {
    const free = around.after.plans[FREE_PLAN]?.display_name ?? FREE_PLAN
    return [`${name} ends, and its accounts go on the plan ${free}`]
  }
  return [...lessOf(old, plan), ...goneFrom(old, plan, around)].map((what) => `${name} ${what}`)
}

/** What there is less of, or what costs more. */
function lessOf(old: PlanEntry, plan: PlanEntry): string[] {
  const less: string[] = []
  if (plan.monthly_credits < old.monthly_credits)
    less.push(`has ${count(plan.monthly_credits)} credits a month (now ${count(old.monthly_credits)})`)
  if (plan.price_usd_cents > old.price_usd_cents)
    less.push(`costs ${usd(plan.price_usd_cents)} a month (now ${usd(old.price_usd_cents)})`)
  if (plan.keys_max < old.keys_max) less.push(`allows ${count(plan.keys_max)} keys (now ${count(old.keys_max)})`)
  if (plan.discount_percent < old.discount_percent)
    less.push(`has a discount of ${plan.discount_percent} % (now ${old.discount_percent} %)`)
  return less
}

const WAYS_IN = { api: 'API keys', cli: 'the caicaini command', web: 'the web chat' }

/** Ways in and models that the plan had, and the tier below which it did not let an account fall. */
function goneFrom(old: PlanEntry, plan: PlanEntry, { before, after }: Around): string[] {
  const scopes = old.scopes.filter((scope) => !plan.scopes.includes(scope)).map((scope) => WAYS_IN[scope])
  const had = old.models === 'all' ? before.models.map(({ id }) => id) : old.models
  const models = had.filter((id) => plan.models !== 'all' && !plan.models.includes(id))
  const gone = [...scopes, ...models].map((what) => `no longer includes ${what}`)
  const tiers = Object.keys(after.tiers)
  const oldRank = tiers.indexOf(old.lowest_tier)
  const isLower = oldRank < 0 || tiers.indexOf(plan.lowest_tier) < oldRank
  if (plan.lowest_tier !== old.lowest_tier && isLower)
    gone.push(`has the tier ${plan.lowest_tier} at least (now ${old.lowest_tier})`)
  return gone
}

const LIMITS = {
  requests_per_minute: 'requests a minute',
  input_tokens_per_minute: 'input tokens a minute',
  concurrent_streams: 'streams at once'
} as const

function takenFromTier(name: string, old: TierEntry, tier: TierEntry | undefined): string[] {
  if (!tier) return [`the tier ${name} ends`]
  const limits = Object.entries(LIMITS) as [keyof typeof LIMITS, string][]
  return limits.flatMap(([field, what]) => {
    const [before, after] = [old[field], tier[field]]
    if (after === null || (before !== null && after >= before)) return []
    return [`the tier ${name} has ${count(after)} ${what} (now ${before === null ? 'no limit' : count(before)})`]
  })
}

function takenModel(old: ModelEntry, model: ModelEntry | undefined): string[] {
  if (!model) return [`the model ${old.id} is no longer offered`]
  const { retired } = model
  if (!retired || (old.retired && old.retired.at <= retired.at)) return []
  return [`the model ${old.id} retires on ${retired.at}; its successor is ${retired.successor}`]
}

const count = (amount: number) => amount.toLocaleString('en-US')
const usd = (cents: number) => `US$ ${(cents / 100).toFixed(2)}`
