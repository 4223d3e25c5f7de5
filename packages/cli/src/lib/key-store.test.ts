import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createTestContext, KEY } from '../testing/test-context.js'
import { createKeyStore } from './key-store.js'

const HERE = 'https://here.test'

test('a key is kept for its server alone, in a file that nobody else can read', () => {
  const t = createTestContext()
  const env = { HOME: t.home }
  createKeyStore(env, 'linux').save(HERE, KEY)
  const store = createKeyStore(env, 'linux')
  expect(store.find(HERE)).toEqual({ key: KEY, origin: 'file' })
  expect(store.find('https://elsewhere.test')).toBeUndefined()
  expect(statSync(store.path).mode & 0o777).toBe(0o600)
  expect(store.remove(HERE)).toBe(true)
  expect(store.remove(HERE)).toBe(false)
  expect(store.find(HERE)).toBeUndefined()
})

test('the environment wins over the file', () => {
  const t = createTestContext()
  const store = createKeyStore({ HOME: t.home, CAICAINI_API_KEY: ` ${KEY}\n` }, 'linux')
  expect(store.find(HERE)).toEqual({ key: KEY, origin: 'environment' })
})

test.each(['sk-ant-12', KEY.slice(0, -1), `${KEY.slice(0, -1)}0`])('%o is refused without being shown', (key) => {
  const t = createTestContext()
  const store = createKeyStore({ HOME: t.home, CAICAINI_API_KEY: key }, 'linux')
  expect(() => store.find(HERE)).toThrow(
    expect.objectContaining({ exit: 4, message: expect.not.stringContaining(key) })
  )
})
