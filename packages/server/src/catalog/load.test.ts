import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import defaults from './default-catalog.json' with { type: 'json' }
import { loadCatalog } from './load.js'

type Json = ReturnType<typeof JSON.parse>

const PEAK = { name: 'peak', days: ['mon'], from: '01:00', to: '04:00', percent: 200 }

/** Loads the defaults after `change`, as if they were an operator's catalog.json. */
function loadChanged(change: (file: Json) => void) {
  const file: Json = structuredClone(defaults)
  change(file)
  return loadCatalog({ path: 'catalog.json', readFile: () => JSON.stringify(file) })
}

test('the shipped defaults load, and hold every id that the documentation promises', () => {
  const catalog = loadCatalog({ readFile: () => '' })
  expect(catalog.models.map((model) => model.id)).toEqual([
    'claude-opus-4-7',
    'claude-sonnet-4-6',
    'claude-haiku-4-5',
    'kimi-k2.5',
    'deepseek-chat',
    'deepseek-reasoner'
  ])
  expect(catalog.tiers.enterprise).toEqual({
    requests_per_minute: null,
    input_tokens_per_minute: null,
    concurrent_streams: null,
    promote_at_usd_cents: null
  })
})

test('a rate with tiers, two windows of one name and prices by the piece loads', () => {
  const catalog = loadChanged((file) => {
    const [rate] = file.models[4].rates
    const { from: _, ...tier } = rate
    rate.length_tiers = [{ above: 64_000, ...tier }]
    rate.windows = [PEAK, { ...PEAK, from: '06:00', to: '10:00' }, { ...PEAK, days: ['sat'], to: '24:00' }]
    Object.assign(rate, { per_request: 1, per_image: 2, server_tools: { web_search: 10_000_000 } })
  })
  expect(catalog.models[4]?.rates[0]?.windows).toHaveLength(3)
})

test("the documentation's example of a peak is a rate that loads", () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../../docs/catalog.md'), 'utf8')
  const [, example = ''] = /^```json\n(.*?)^```$/ms.exec(docs) ?? []
  const catalog = loadChanged((file) => file.models[4].rates.push(JSON.parse(example)))
  expect(catalog.models[4]?.rates[1]?.windows?.map(({ from, to }) => `${from}-${to}`)).toEqual([
    '01:00-04:00',
    '06:00-10:00'
  ])
})

test('Anthropic’s one-hour cache writes cost twice the input', () => {
  for (const model of defaults.models.filter(({ provider }) => provider === 'anthropic')) {
    for (const rate of model.rates) expect(rate.cache_write_1h).toBe(rate.input * 2)
  }
})

describe('a bad file is refused with the field and the mend', () => {
  const cases: [string, (file: Json) => void, string][] = [
    [
      'a text for a number',
      (file) => {
        file.models[2].rates[0].input = '5'
      },
      'catalog.json: models[2].rates[0].input: must be a whole number of micro-credits per million tokens, got "5"'
    ],
    [
      'a fraction of a micro-credit',
      (file) => {
        file.models[0].rates[0].output = 1.5
      },
      'catalog.json: models[0].rates[0].output: must be a whole number of micro-credits per million tokens, got 1.5'
    ],
    [
      'a negative price',
      (file) => {
        file.models[0].rates[0].output = -1
      },
      'catalog.json: models[0].rates[0].output: must be a whole number of micro-credits per million tokens, got -1'
    ],
    [
      'a misspelt field',
      (file) => {
        file.plans.pro.key_max = 3
      },
      'catalog.json: plans.pro: unknown field "key_max"; remove it or check its spelling'
    ],
    [
      'a missing field',
      (file) => {
        delete file.tiers.free.concurrent_streams
      },
      'catalog.json: tiers.free.concurrent_streams: missing: must be a whole number of streams, or null for no limit'
    ],
    [
      'another version',
      (file) => {
        file.version = 2
      },
      'catalog.json: version: must be 1, the only version this server reads, got 2'
    ],
    [
      'an unknown kind of provider',
      (file) => {
        file.providers.anthropic.kind = 'gemini'
      },
      'catalog.json: providers.anthropic.kind: must be "anthropic", "openai-compatible" or "sandbox", got "gemini"'
    ],
    [
      'a day that does not exist',
      (file) => {
        file.models[0].rates[0].from = '2026-02-30'
      },
      'catalog.json: models[0].rates[0].from: must be a day written YYYY-MM-DD, got "2026-02-30"'
    ],
    [
      'an alias of two models',
      (file) => {
        file.models[1].aliases.push('opus')
      },
      'catalog.json: models[1].aliases[2]: "opus" already names models[0]; give it to one of the two'
    ],
    [
      'the router’s alias on a model',
      (file) => {
        file.models[0].aliases.push('auto')
      },
      'catalog.json: models[0].aliases[2]: "auto" already names router; give it to one of the two'
    ],
    [
      'a duplicate id',
      (file) => {
        file.models[1].id = 'claude-opus-4-7'
        file.router.middle = 'claude-opus-4-7'
      },
      'catalog.json: models[1].id: "claude-opus-4-7" already names models[0]; give it to one of the two'
    ],
    [
      'an unknown provider',
      (file) => {
        file.models[0].provider = 'antropic'
      },
      'catalog.json: models[0].provider: must be one of anthropic, moonshot, deepseek, sandbox, got "antropic"'
    ],
    [
      'an unknown tier',
      (file) => {
        file.plans.pro.lowest_tier = 'gold'
      },
      'catalog.json: plans.pro.lowest_tier: must be one of free, pay_as_you_go, high_volume, enterprise, got "gold"'
    ],
    [
      'rates that begin on one day',
      (file) => {
        file.models[0].rates.push({ ...file.models[0].rates[0] })
      },
      'catalog.json: models[0].rates[1].from: must be later than the rate before it (2026-04-16), got 2026-04-16'
    ],
    [
      'length tiers that do not rise',
      (file) => {
        const [rate] = file.models[0].rates
        const { from: _, ...tier } = rate
        rate.length_tiers = [
          { above: 200_000, ...tier },
          { above: 200_000, ...tier }
        ]
      },
      'catalog.json: models[0].rates[0].length_tiers[1].above: must be more than the tier before it (200000), got 200000'
    ],
    [
      'windows that overlap',
      (file) => {
        file.models[0].rates[0].windows = [
          { ...PEAK, days: ['mon', 'tue'] },
          { ...PEAK, name: 'other', days: ['tue', 'wed'], from: '03:59', to: '05:00' }
        ]
      },
      'catalog.json: models[0].rates[0].windows[1]: overlaps windows[0]; a time has one price'
    ],
    [
      'a window that lasts past midnight',
      (file) => {
        file.models[0].rates[0].windows = [{ ...PEAK, from: '22:00', to: '02:00' }]
      },
      'catalog.json: models[0].rates[0].windows[0].to: must be after from (22:00), got 02:00; hours past midnight are a window of their own'
    ],
    [
      'two prices under one name',
      (file) => {
        file.models[0].rates[0].windows = [PEAK, { ...PEAK, from: '06:00', to: '10:00', percent: 300 }]
      },
      'catalog.json: models[0].rates[0].windows[1].percent: must be 200, as the other window "peak" says, got 300'
    ],
    [
      'a window that makes fractions of a rate',
      (file) => {
        file.models[0].rates[0].cache_read = 333
        file.models[0].rates[0].windows = [{ ...PEAK, percent: 150 }]
      },
      'catalog.json: models[0].rates[0].cache_read: 150 % of it, in the window "peak", is no whole number of micro-credits; got 333'
    ],
    [
      'a window whose name is a tier’s',
      (file) => {
        file.models[0].rates[0].windows = [{ ...PEAK, name: 'over-5' }]
      },
      'catalog.json: models[0].rates[0].windows[0].name: must be letters, digits and . _ - only, and not begin with "over-", got "over-5"'
    ],
    [
      'an hour that does not exist',
      (file) => {
        file.models[0].rates[0].windows = [{ ...PEAK, from: '24:00' }]
      },
      'catalog.json: models[0].rates[0].windows[0].from: must be a UTC time such as "01:00", got "24:00"'
    ],
    [
      'an image too dear to be counted exactly',
      (file) => {
        file.models[0].rates[0].per_image = 9_007_199_255
      },
      'catalog.json: models[0].rates[0].per_image: must be a whole number of micro-credits up to 9007199254, got 9007199255'
    ],
    [
      'a successor that is no model',
      (file) => {
        file.models[5].retired = { at: '2026-01-01', successor: 'deepseek-v9' }
      },
      'catalog.json: models[5].retired.successor: must be one of claude-opus-4-7, claude-sonnet-4-6, claude-haiku-4-5, kimi-k2.5, deepseek-chat, got "deepseek-v9"'
    ],
    [
      'a router that chooses what is about to retire',
      (file) => {
        file.models[1].retired = { at: '2099-01-01', successor: 'kimi-k2.5' }
      },
      'catalog.json: router.middle: must be one of claude-opus-4-7, claude-haiku-4-5, kimi-k2.5, deepseek-chat, deepseek-reasoner, got "claude-sonnet-4-6"'
    ],
    [
      'a router that chooses what is not there',
      (file) => {
        file.router.small = 'tiny'
      },
      'catalog.json: router.small: must be one of claude-opus-4-7, claude-sonnet-4-6, claude-haiku-4-5, kimi-k2.5, deepseek-chat, deepseek-reasoner, got "tiny"'
    ],
    [
      'a router whose strongest model is not there',
      (file) => {
        file.router.top = 'huge'
      },
      'catalog.json: router.top: must be one of claude-opus-4-7, claude-sonnet-4-6, claude-haiku-4-5, kimi-k2.5, deepseek-chat, deepseek-reasoner, got "huge"'
    ],
    [
      'a router with a model as good that is not there',
      (file) => {
        file.router.as_good = { small: ['deepseek-chat', 'tiny'] }
      },
      'catalog.json: router.as_good.small[1]: must be one of claude-opus-4-7, claude-sonnet-4-6, claude-haiku-4-5, kimi-k2.5, deepseek-chat, deepseek-reasoner, got "tiny"'
    ]
  ]

  test.each(cases)('%s', (_, change, message) => {
    expect(() => loadChanged(change)).toThrow(message)
    expect(() => loadChanged(change)).toThrow(expect.objectContaining({ name: 'ConfigError', message }))
  })

  test('text that is not JSON, and a file that cannot be read', () => {
    expect(() => loadCatalog({ path: 'c.json', readFile: () => '{' })).toThrow(/^c\.json: is not JSON: /)
    const readFile = () => {
      throw new Error('ENOENT: no such file')
    }
    expect(() => loadCatalog({ path: 'c.json', readFile })).toThrow('c.json: cannot be read: ENOENT: no such file')
  })

  test('every fault has its line', () => {
    const change = (file: Json) => {
      file.models[0].context_window = 0
      file.limits.concurrent_requests_per_key_max = null
    }
    expect(() => loadChanged(change)).toThrow(/context_window.*\n.*concurrent_requests_per_key_max/)
  })
})
