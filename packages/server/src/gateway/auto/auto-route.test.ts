import { describe, expect, test } from 'vitest'
import { indexCatalog } from '../../catalog/catalog.js'
import { loadCatalog } from '../../catalog/load.js'
import { shippedCatalog } from '../../testing/catalog.js'
import { chooseModel } from './auto-route.js'

const catalog = loadCatalog({ readFile: () => '' })
const nowMs = Date.parse('2026-11-21T12:00:00Z')
const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
const choose = (body: Record<string, unknown>, missing: readonly string[] = [], file = catalog, atMs = nowMs) => {
  const available = ({ id }: { id: string }) => !missing.includes(id)
  const route = chooseModel({ body, catalog: file, available, nowMs: atMs })
  return route && `${route.model.id} ${route.reason}`
}

const HAIKU = 'claude-haiku-4-5'
const SONNET = 'claude-sonnet-4-6'
const OPUS = 'claude-opus-4-7'
const image = { type: 'image', source: { type: 'base64', data: 'x' } }

describe('auto', () => {
  test.each([
    [user('What is the capital of France?'), `${HAIKU} Short factual question: the small model`],
    [user('hi'), `${HAIKU} Short greeting: the small model`],
    [user('say hello'), `${HAIKU} Short greeting: the small model`],
    [user('Translate to Polish: good night'), `${HAIKU} Simple request: the small model`],
    [user('What is wrong with my function?'), `${SONNET} Code and reasoning: the middle model`],
    [user('What does this print? ```js\nf(1)\n```'), `${SONNET} Code: the middle model`],
    [user('continue'), `${SONNET} No clear sign either way: the middle model`],
    [user('x'.repeat(400)), `${OPUS} A long message: the top model`],
    [user('no, not my way'), `${SONNET} Conditions to keep: the middle model`],
    [
      user(
        'Which is better for the trip of two families: a bus for everybody, or the train, which takes an hour longer and stops at every village?'
      ),
      `${SONNET} More than a line, but everyday things: the middle model`
    ],
    [
      user(
        `Translate this into German: ${'The administration attributes this to registration procedures. '.repeat(9)}`
      ),
      `${SONNET} No clear sign either way: the middle model`
    ],
    [user('fix ```a = b```'), `${SONNET} Code: the middle model`],
    [
      user('Prove step by step that there are infinitely many primes'),
      `${OPUS} A hard problem and maths: the top model`
    ],
    [{ ...user('hi'), tools: [{ name: 't' }] }, `${SONNET} Short greeting, but tools: the middle model`],
    [{ ...user('hi'), tools: [] }, `${HAIKU} Short greeting: the small model`],
    [
      { ...user('hi'), thinking: { type: 'adaptive' } },
      `${SONNET} Short greeting, but thinking asked for: the middle model`
    ],
    [{ ...user('hi'), thinking: { type: 'disabled' } }, `${HAIKU} Short greeting: the small model`],
    [{ ...user('go on'), output_config: { effort: 'max' } }, `${OPUS} The highest effort asked for: the top model`],
    [{ ...user('go on'), reasoning_effort: 'xhigh' }, /^claude-opus-4-7 The highest effort asked for and thinking/],
    [user([image, { type: 'text', text: 'go on' }]), `${SONNET} An image or a document: the middle model`],
    [{ input: 'What is the capital of France?' }, `${HAIKU} Short factual question: the small model`],
    [
      { input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Who wrote Emma?' }] }] },
      `${HAIKU} Short factual question: the small model`
    ]
  ])('%j', (body, expected) => {
    expect(choose(body)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected))
  })

  test('takes what is available, and says so', () => {
    expect(choose(user('hi'), [HAIKU])).toBe(
      `${SONNET} Short greeting, but ${HAIKU} is not available here: ${SONNET} instead`
    )
    expect(choose(user('hi'), [OPUS, SONNET, HAIKU])).toContain('kimi-k2.5 instead')
    expect(
      choose(
        user('hi'),
        catalog.models.map((model) => model.id)
      )
    ).toBeUndefined()
  })

  test('never chooses a model whose retirement is announced', () => {
    const retiring = {
      ...catalog,
      models: catalog.models.map((model) => ({ ...model, retired: { at: '2099-01-01', successor: 'kimi-k2.5' } }))
    }
    expect(choose(user('hi'), [], retiring)).toBeUndefined()
  })

  test('an older catalog without a top model has its middle one for that', () => {
    const { top, ...router } = catalog.router
    expect(top).toBe(OPUS)
    expect(choose(user('Prove that it converges'), [], { ...catalog, router })).toMatch(
      /^claude-sonnet-4-6 .*top model$/
    )
  })
})

describe('floors', () => {
  const withSmall = (change: (model: (typeof catalog.models)[number]) => object) => {
    const file = shippedCatalog()
    const small = file.models.find(({ id }) => id === HAIKU)
    if (small) Object.assign(small, change(small))
    return indexCatalog(file)
  }

  test.each([
    ['images', user([image, { type: 'text', text: 'what is this?' }])],
    [
      'documents',
      user([
        { type: 'document', source: { type: 'base64' } },
        { type: 'text', text: 'what is this?' }
      ])
    ]
  ])('%s go to a model that takes them', (what, body) => {
    const blind = withSmall(() => ({ capabilities: ['tools'] }))
    expect(choose(body, [], blind)).toContain(`but ${HAIKU} does not take ${what}: ${SONNET} instead`)
    expect(choose(body)).toContain(HAIKU)
  })

  test('so does an image of an earlier turn, for it is sent again', () => {
    const blind = withSmall(() => ({ capabilities: ['tools'] }))
    const messages = [...user([image]).messages, { role: 'assistant', content: 'A cat.' }, ...user('thanks').messages]
    expect(choose({ messages }, [], blind)).toContain('does not take images')
  })

  test('what is too long for the model goes to one with more room, its answer counted', () => {
    const short = withSmall(() => ({ context_window: 10_000 }))
    const long = [
      { role: 'user', content: 'x '.repeat(20_000) },
      { role: 'assistant', content: 'ok' }
    ]
    expect(choose({ messages: [...long, ...user('thanks').messages] }, [], short)).toContain('so long a context')
    expect(choose(user('thanks'), [], short)).toContain(`${HAIKU} Short greeting`)
    expect(choose({ ...user('thanks'), max_tokens: 12_000 }, [], short)).toContain('so long a context')
  })

  test('what none can take is its own model’s to refuse', () => {
    const messages = user('x'.repeat(9_000_000)).messages
    expect(choose({ messages })).toContain('model')
  })
})

test('of models that are as good the cheapest of the minute is taken, and a picked price is said', () => {
  const file = shippedCatalog()
  const deepseek = file.models.find(({ id }) => id === 'deepseek-chat')
  const days = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
  for (const rate of deepseek?.rates ?? []) {
    rate.windows = [{ name: 'peak', days: [...days], from: '01:00', to: '04:00', percent: 2_000 }]
  }
  file.router.as_good = { small: ['deepseek-chat'] }
  const priced = indexCatalog(file)
  expect(choose(user('hi'), [], priced)).toBe(
    'deepseek-chat Short greeting: the small model, deepseek-chat at the price of this minute'
  )
  const peakMs = Date.parse('2026-11-23T02:00:00Z')
  expect(choose(user('hi'), [], priced, peakMs)).toBe(`${HAIKU} Short greeting: the small model`)
  expect(choose(user('hi'), [HAIKU], priced)).toBe('deepseek-chat Short greeting: the small model')
})
