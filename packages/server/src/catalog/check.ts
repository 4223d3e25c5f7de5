import { FREE_PLAN } from './catalog.js'
import { checkRate } from './check-rate.js'
import type { CatalogFile } from './schema.js'
import { checkServes } from './serves.js'

/** What is wrong in a catalog, and where. */
export interface Fault {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What the shape cannot say: names that collide or lead nowhere, and rates whose dates overlap. */
export function checkCatalog(file: CatalogFile): Fault[] {
  const checks = [checkNames, checkModels, checkServes, checkRouter, checkPlans, checkTiers]
  return checks.flatMap((check) => check(file))
}

function checkNames({ models, router }: CatalogFile): Fault[] {
  const faults: Fault[] = []
  const owners = new Map<string, string>()
  const claim = (name: string, owner: string, path: PropertyKey[]) => {
    const other = owners.get(name)
    if (other === undefined) owners.set(name, owner)
    else faults.push({ path, message: `"${name}" already names ${other}; give it to one of the two` })
  }
  claim(router.id, 'router', ['router', 'id'])
  for (const [j, alias] of router.aliases.entries()) claim(alias, 'router', ['router', 'aliases', j])
  for (const [i, model] of models.entries()) claim(model.id, `models[${i}]`, ['models', i, 'id'])
  for (const [i, model] of models.entries()) {
    for (const [j, alias] of model.aliases.entries()) claim(alias, `models[${i}]`, ['models', i, 'aliases', j])
  }
  return faults
}

function checkModels({ models, providers }: CatalogFile): Fault[] {
  const faults: Fault[] = []
  const ids = new Set(models.map((model) => model.id))
  for (const [i, model] of models.entries()) {
    if (!Object.hasOwn(providers, model.provider)) {
      faults.push({ path: ['models', i, 'provider'], message: unknownName(model.provider, Object.keys(providers)) })
    }
    for (const [j, rate] of model.rates.entries()) {
      const before = model.rates[j - 1]
      if (before && rate.from <= before.from) {
        const message = `must be later than the rate before it (${before.from}), got ${rate.from}`
        faults.push({ path: ['models', i, 'rates', j, 'from'], message })
      }
      for (const { path, message } of checkRate(rate)) {
        faults.push({ path: ['models', i, 'rates', j, ...path], message })
      }
    }
    const { retired } = model
    if (retired && (!ids.has(retired.successor) || retired.successor === model.id)) {
      const message = unknownName(
        retired.successor,
        [...ids].filter((id) => id !== model.id)
      )
      faults.push({ path: ['models', i, 'retired', 'successor'], message })
    }
  }
  return faults
}

function checkRouter({ router, models }: CatalogFile): Fault[] {
  const ids = models.filter((model) => model.retired === undefined).map((model) => model.id)
  const named = (['small', 'middle', 'top'] as const).flatMap((role) => [
    { path: ['router', role], id: router[role] },
    ...(router.as_good?.[role] ?? []).map((id, i) => ({ path: ['router', 'as_good', role, i], id }))
  ])
  return named.flatMap(({ path, id }) =>
    id === undefined || ids.includes(id) ? [] : [{ path, message: unknownName(id, ids) }]
  )
}

function checkPlans({ plans, tiers, models }: CatalogFile): Fault[] {
  const faults: Fault[] = []
  const free = Object.hasOwn(plans, FREE_PLAN) ? plans[FREE_PLAN] : undefined
  if (!free) faults.push({ path: ['plans'], message: `must have the plan "${FREE_PLAN}", which accounts fall back to` })
  else if (free.price_usd_cents > 0) {
    const message = `must be 0, for accounts fall back to this plan unasked, got ${free.price_usd_cents}`
    faults.push({ path: ['plans', FREE_PLAN, 'price_usd_cents'], message })
  }
  const ids = models.map((model) => model.id)
  for (const [name, plan] of Object.entries(plans)) {
    if (!Object.hasOwn(tiers, plan.lowest_tier)) {
      faults.push({ path: ['plans', name, 'lowest_tier'], message: unknownName(plan.lowest_tier, Object.keys(tiers)) })
    }
    for (const [i, id] of plan.models === 'all' ? [] : plan.models.entries()) {
      if (!ids.includes(id)) faults.push({ path: ['plans', name, 'models', i], message: unknownName(id, ids) })
    }
  }
  return faults
}

/** Tiers stand from the lowest to the highest: so must the payments that promote to them. */
function checkTiers({ tiers }: CatalogFile): Fault[] {
  const faults: Fault[] = []
  let before: number | undefined
  for (const [name, { promote_at_usd_cents: at }] of Object.entries(tiers)) {
    if (at === null) continue
    if (before !== undefined && at <= before) {
      const message = `must be more than that of the tier before it (${before}), got ${at}`
      faults.push({ path: ['tiers', name, 'promote_at_usd_cents'], message })
    }
    before = at
  }
  return faults
}

function unknownName(name: string, known: readonly string[]): string {
  return `must be one of ${known.join(', ')}, got "${name}"`
}
