import { expect, test } from 'vitest'
import { loadCatalog } from '../../catalog/load.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import { createProviders } from './index.js'

const catalog = loadCatalog({ readFile: () => '' })
const create = (env: Record<string, string>) =>
  createProviders({ catalog, env, clock: createFakeClock(), random: () => 0 })

test('providers with a key are configured, in the catalog’s order, and the sandbox is always there', async () => {
  const providers = create({ DEEPSEEK_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-2' })
  expect(providers.configured).toEqual(['anthropic', 'deepseek'])
  expect(providers.get('anthropic')?.name).toBe('anthropic')
  expect(providers.get('moonshot')).toBeUndefined()
  expect(providers.get('sandbox')).toBe(providers.sandbox)
  expect(providers.get('toString')).toBeUndefined()
  await providers.close()
})

test('without keys there is the sandbox only; an address without a key enables nothing', async () => {
  const providers = create({ ANTHROPIC_API_KEY: ' ', CAICAINI_ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' })
  expect(providers.configured).toEqual([])
  expect(providers.sandbox.name).toBe('sandbox')
  await providers.close()
})

test('what cannot be used is refused by its variable’s name, never by its value', () => {
  expect(() => create({ ANTHROPIC_API_KEY: 'sk-a\nsk-b' })).toThrow(
    'ANTHROPIC_API_KEY: holds characters that no key has'
  )
  expect(() => create({ ANTHROPIC_API_KEY: 'k', CAICAINI_ANTHROPIC_BASE_URL: 'api.anthropic.com' })).toThrow(
    'CAICAINI_ANTHROPIC_BASE_URL: must be an http or https address, such as https://api.anthropic.com'
  )
})
