import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { shippedCatalog } from '../testing/catalog.js'
import { withEverything } from '../testing/passthrough.js'
import { indexCatalog, resolveModel } from './catalog.js'
import { parseCatalog } from './load.js'
import type { CatalogFile } from './schema.js'
import { ROUTES, requireServed, type Serves } from './serves.js'

const everything = () => withEverything('http://127.0.0.1:1')(shippedCatalog())
const check = (file: CatalogFile) => parseCatalog(file, 'catalog.json')

test("the documentation's example of other models loads beside the shipped ones", () => {
  const docs = readFileSync(join(import.meta.dirname, '../../../../docs/catalog.md'), 'utf8')
  const examples = [...docs.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = '']) => json)
  const more = JSON.parse(examples.find((json) => json.includes('"serves"')) ?? '')
  const file = shippedCatalog()
  Object.assign(file.providers, more.providers)
  file.models.push(...more.models)
  expect(check(file).names.has('text-embedding-3-small')).toBe(true)
})

describe('a catalog is refused with', () => {
  test.each<[string, (file: CatalogFile) => void, RegExp]>([
    [
      'a model of a provider that has no such endpoint',
      ({ providers: { openai } }) => {
        if (openai?.kind === 'openai-compatible') openai.endpoints = ['chat']
      },
      /^catalog\.json: models\[6\]\.serves: must be one of the endpoints of the provider "openai"/
    ],
    [
      'a model of a provider of another kind',
      ({ models }) => {
        Object.assign(models.find(({ id }) => id === 'embed-x') ?? {}, { provider: 'anthropic' })
      },
      /models\[6\]\.serves: must be one of the endpoints of the provider "anthropic"/
    ],
    [
      'a router that would choose it',
      (file) => {
        file.router.small = 'embed-x'
      },
      /models\[6\]\.serves: must be chat, for the router chooses it/
    ],
    [
      'speech without its price',
      ({ models }) => {
        delete models.find(({ id }) => id === 'voice-x')?.rates[0]?.per_character
      },
      /models\[9\]\.rates\[0\]\.per_character: missing/
    ],
    [
      'options of a chat',
      ({ models: [model] }) => {
        Object.assign(model ?? {}, { options: { size: ['a'] } })
      },
      /models\[0\]\.options: must not be there/
    ]
  ])('%s', (_what, change, message) => {
    const file = everything()
    change(file)
    expect(() => check(file)).toThrow(message)
  })
})

describe('requireServed', () => {
  const catalog = indexCatalog(everything())
  const ask = (name: string, serves: Serves) => () =>
    requireServed(catalog, { name, serves, resolved: resolveModel(catalog, name, Date.UTC(2026, 10, 21)) })

  test('lets a model through that serves what is asked, and leaves unknown chats to others', () => {
    ask('embed-x', 'embeddings')()
    ask('haiku', 'chat')()
    ask('auto', 'chat')()
    ask('nonsense', 'chat')()
  })

  test('names the route of a model, and who serves what was asked', () => {
    expect(ask('voice-x', 'embeddings')).toThrow(
      `model: "voice-x" serves speech: POST ${ROUTES.speech}; embed-x serves embeddings`
    )
    expect(ask('auto', 'images')).toThrow('"auto" serves chat: POST /v1/chat/completions; image-x, image-tokens serve')
    expect(ask('nonsense', 'speech')).toThrow('there is no "nonsense"; voice-x serves speech')
    expect(ask('voice-x', 'chat')).toThrow('GET /v1/models lists those that chat')
  })
})
