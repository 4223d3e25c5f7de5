import { describe, expect, test } from 'vitest'
import { indexCatalog, resolveModel } from '../catalog/catalog.js'
import { tierOf } from '../catalog/entitlements.js'
import type { CatalogFile } from '../catalog/schema.js'
import { shippedCatalog } from '../testing/catalog.js'
import { type Decision, decideTerms, type Pending, type Subscribers } from './decide.js'
import { catalogInForce, type Held } from './in-force.js'
import { catalogOf, type Term, termsOf } from './subject.js'

const stored = termsOf(shippedCatalog())
const subscribers: Subscribers[] = [
  { plan: 'pro', tier: 'free', accounts: 3 },
  { plan: 'free', tier: 'free', accounts: 40 }
]

/** What a change of the shipped file means where three accounts have Pro and forty Free. */
function decide(change: (file: CatalogFile) => void, pending: Pending[] = []): Decision[] {
  const file = shippedCatalog()
  change(file)
  return decideTerms({ stored, file, pending, subscribers })
}

const plan = (file: CatalogFile, name: string) => file.plans[name] as CatalogFile['plans'][string]
const tier = (file: CatalogFile, name: string) => file.tiers[name] as CatalogFile['tiers'][string]
/** Changes some fields of an entry. */
function set<E extends object>(entry: E, fields: Partial<E>): void {
  Object.assign(entry, fields)
}
const drop = (file: CatalogFile, id: string) => {
  file.models = file.models.filter((model) => model.id !== id)
}

const SEVEN_DAYS = 7 * 86_400_000
const waiting = (decision: Decision | undefined): Pending => {
  if (decision?.kind !== 'hold') throw new Error('nothing is held')
  const { subject, target, taken } = decision
  return { id: 'chg_1', subject, target, taken, effectiveAtMs: SEVEN_DAYS }
}

test('a term list is a catalog, and the other way round', () => {
  const { plans, tiers, models } = shippedCatalog()
  const terms = catalogOf([...stored].reverse())
  expect(terms).toEqual({ plans, tiers, models })
  expect(Object.keys(terms.tiers)).toEqual(Object.keys(tiers))
})

test('the same file changes nothing', () => {
  expect(decide(() => {})).toEqual([])
})

test.each<[string, (file: CatalogFile) => void]>([
  ['more credits', (file) => set(plan(file, 'pro'), { monthly_credits: 25_000 })],
  ['a lower price', (file) => set(plan(file, 'pro'), { price_usd_cents: 1_900 })],
  ['more room in a tier', (file) => set(tier(file, 'free'), { requests_per_minute: null })],
  ['less of a plan that nobody has', (file) => set(plan(file, 'ultra'), { monthly_credits: 1 })],
  ['less of a tier that nobody has', (file) => set(tier(file, 'high_volume'), { concurrent_streams: 1 })],
  ['another name', (file) => set(plan(file, 'pro'), { display_name: 'Professional' })]
])('%s holds at once', (_what, change) => {
  expect(decide(change).map(({ kind }) => kind)).toEqual(['take-over'])
})

test.each<[string, (file: CatalogFile) => void, { subject: string; accounts: number; taken: string[] }]>([
  [
    'fewer credits',
    (file) => set(plan(file, 'pro'), { monthly_credits: 20_000 }),
    { subject: 'plan:pro', accounts: 3, taken: ['the plan Pro has 20,000 credits a month (now 22,000)'] }
  ],
  [
    'a higher price and fewer keys',
    (file) => Object.assign(plan(file, 'pro'), { price_usd_cents: 2_500, keys_max: 10 }),
    {
      subject: 'plan:pro',
      accounts: 3,
      taken: ['the plan Pro costs US$ 25.00 a month (now US$ 20.00)', 'the plan Pro allows 10 keys (now 20)']
    }
  ],
  [
    'a way in',
    (file) => set(plan(file, 'pro'), { scopes: ['api', 'web'] }),
    { subject: 'plan:pro', accounts: 3, taken: ['the plan Pro no longer includes the caicaini command'] }
  ],
  [
    'all models but some',
    (file) => set(plan(file, 'free'), { models: file.models.map(({ id }) => id).slice(1) }),
    { subject: 'plan:free', accounts: 40, taken: ['the plan Free no longer includes claude-opus-4-7'] }
  ],
  [
    'a lower tier',
    (file) => set(plan(file, 'pro'), { lowest_tier: 'free' }),
    { subject: 'plan:pro', accounts: 3, taken: ['the plan Pro has the tier free at least (now pay_as_you_go)'] }
  ],
  [
    'a plan',
    (file) => void delete file.plans.pro,
    { subject: 'plan:pro', accounts: 3, taken: ['the plan Pro ends, and its accounts go on the plan Free'] }
  ],
  [
    'room in a tier that a plan grants',
    (file) => set(tier(file, 'pay_as_you_go'), { requests_per_minute: 30 }),
    { subject: 'tier:pay_as_you_go', accounts: 3, taken: ['the tier pay_as_you_go has 30 requests a minute (now 60)'] }
  ],
  [
    'a model that all plans have',
    (file) => drop(file, 'kimi-k2.5'),
    { subject: 'model:kimi-k2.5', accounts: 43, taken: ['the model kimi-k2.5 is no longer offered'] }
  ],
  [
    'a model, by retiring it',
    (file) =>
      void Object.assign(file.models[0] as object, { retired: { at: '2026-11-16', successor: 'claude-sonnet-4-6' } }),
    {
      subject: 'model:claude-opus-4-7',
      accounts: 43,
      taken: ['the model claude-opus-4-7 retires on 2026-11-16; its successor is claude-sonnet-4-6']
    }
  ]
])('%s, taken from running subscriptions, is held', (_what, change, held) => {
  const holds = decide(change).filter(({ kind }) => kind === 'hold')
  expect(holds).toMatchObject([held])
})

describe('while a change waits', () => {
  const lower = (credits: number) => (file: CatalogFile) => set(plan(file, 'pro'), { monthly_credits: credits })
  const pending = waiting(decide(lower(20_000))[0])

  test('the same file does not begin its days anew', () => {
    expect(decide(lower(20_000), [pending])).toEqual([])
  })

  test('a file that takes it back withdraws it', () => {
    expect(decide(() => {}, [pending])).toEqual([{ kind: 'withdraw', id: 'chg_1' }])
    expect(decide(lower(23_000), [pending]).map(({ kind }) => kind)).toEqual(['withdraw', 'take-over'])
  })

  test('one that takes less than was told goes by the notice that was given', () => {
    expect(decide(lower(21_000), [pending])).toMatchObject([
      { kind: 'amend', id: 'chg_1', taken: ['the plan Pro has 21,000 credits a month (now 22,000)'] }
    ])
  })

  test('one that takes more needs a notice of its own', () => {
    expect(decide(lower(19_000), [pending]).map(({ kind }) => kind)).toEqual(['withdraw', 'hold'])
  })
})

describe('the catalog in force', () => {
  const termOf = (kind: string, name: string) => stored.find((term) => term.kind === kind && term.name === name) as Term
  const held = (...terms: Term[]): Held[] => terms.map((term) => ({ term, effectiveAtMs: SEVEN_DAYS }))
  function inForce(change: (file: CatalogFile) => void, terms: Term[], nowMs = 0) {
    const file = shippedCatalog()
    change(file)
    return catalogInForce(indexCatalog(file), held(...terms), nowMs)
  }

  test('has the old terms until the last millisecond, and the file’s from the first after', () => {
    const change = (file: CatalogFile) => set(plan(file, 'pro'), { monthly_credits: 20_000 })
    const terms = [termOf('plan', 'pro')]
    expect(inForce(change, terms, SEVEN_DAYS - 1).plans.pro?.monthly_credits).toBe(22_000)
    expect(inForce(change, terms, SEVEN_DAYS).plans.pro?.monthly_credits).toBe(20_000)
  })

  test('keeps a plan, a tier with its rank, and a model with its names', () => {
    const catalog = inForce(
      (file) => {
        delete file.plans.pro
        for (const each of Object.values(file.plans)) each.lowest_tier = 'free'
        delete file.tiers.pay_as_you_go
        drop(file, 'kimi-k2.5')
      },
      [termOf('plan', 'pro'), termOf('tier', 'pay_as_you_go'), termOf('model', 'kimi-k2.5')]
    )
    expect(Object.keys(catalog.tiers)).toEqual(['free', 'pay_as_you_go', 'high_volume', 'enterprise'])
    expect(tierOf(catalog, { role: 'user', plan: 'pro', tier: 'free' }).name).toBe('pay_as_you_go')
    expect(resolveModel(catalog, 'kimi', 0)).toMatchObject({ kind: 'model', model: { id: 'kimi-k2.5' } })
  })

  test('a name that the file has given to another model goes there, the id stays with what is held', () => {
    const catalog = inForce(
      (file) => {
        drop(file, 'kimi-k2.5')
        file.models[0]?.aliases.push('kimi', 'kimi-k2.5')
      },
      [termOf('model', 'kimi-k2.5')]
    )
    expect(resolveModel(catalog, 'kimi', 0)).toMatchObject({ model: { id: 'claude-opus-4-7' } })
    expect(resolveModel(catalog, 'kimi-k2.5', 0)).toMatchObject({ model: { id: 'kimi-k2.5' } })
  })

  test('a model that retires early is the file’s but for that', () => {
    const catalog = inForce(
      (file) =>
        void Object.assign(file.models[0] as object, {
          description: 'new',
          retired: { at: '1970-01-01', successor: 'claude-sonnet-4-6' }
        }),
      [termOf('model', 'claude-opus-4-7')]
    )
    expect(resolveModel(catalog, 'opus', 0)).toMatchObject({ kind: 'model', model: { description: 'new' } })
  })
})
