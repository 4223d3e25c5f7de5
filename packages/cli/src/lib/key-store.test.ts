import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createTestContext, KEY } from '../testing/test-context.js'
import { createKeyStore } from './key-store.js'
import type { Keychain } from './keychain.js'

const HERE = 'https://here.test'

test('a key is kept for its server alone, in a file that nobody else can read', () => {
  const t = createTestContext()
  const env = { HOME: t.home }
  createKeyStore(env, 'linux').save(HERE, KEY, 'file')
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

/** Answers until it is locked. */
function memoryKeychain() {
  const kept = new Map<string, string>()
  const state = { locked: false }
  const open = () => {
    if (state.locked) throw new Error('it is locked')
    return kept
  }
  const keychain: Keychain = {
    title: 'the test keychain',
    read: (name) => open().get(name),
    write: (name, secret) => void open().set(name, secret),
    remove: (name) => void open().delete(name)
  }
  return { keychain, kept, state }
}

test('a keychain that answers keeps the key, and the file says only where it lies', () => {
  const t = createTestContext()
  const { keychain, kept } = memoryKeychain()
  const open = () => createKeyStore({ HOME: t.home }, 'linux', keychain)
  expect(open().probe()).toEqual({ place: 'keychain' })
  expect(kept.size).toBe(0)
  expect(open().save(HERE, KEY, 'keychain')).toBe('keychain')
  expect(open().find(HERE)).toEqual({ key: KEY, origin: 'keychain' })
  expect(readFileSync(open().path, 'utf8')).not.toContain(KEY)
  // Another directory of settings has nothing to do with it.
  const other = createKeyStore({ HOME: t.home, CAICAINI_CONFIG_DIR: `${t.home}/other` }, 'linux', keychain)
  expect(other.find(HERE)).toBeUndefined()
  other.save(HERE, KEY, 'keychain')
  expect(kept.size).toBe(2)
  expect(open().remove(HERE)).toBe(true)
  expect(kept.size).toBe(1)
  expect(open().find(HERE)).toBeUndefined()
})

test('a keychain that does not answer is passed over with a reason, and one that ceases to loses no key', () => {
  const t = createTestContext()
  const { keychain, kept, state } = memoryKeychain()
  const open = () => createKeyStore({ HOME: t.home }, 'linux', keychain)
  state.locked = true
  expect(open().probe()).toEqual({ place: 'file', fault: 'it is locked' })
  expect(open().save(HERE, KEY, 'keychain')).toBe('file')
  expect(open().find(HERE)).toEqual({ key: KEY, origin: 'file' })
  state.locked = false
  open().save(HERE, KEY, 'keychain')
  state.locked = true
  expect(() => open().find(HERE)).toThrow(
    expect.objectContaining({ exit: 4, message: expect.stringContaining('it is locked') })
  )
  expect(() => open().remove(HERE)).toThrow(expect.objectContaining({ exit: 1 }))
  expect(open().find(HERE)).toBeUndefined()
  state.locked = false
  expect(kept.size).toBe(1)
})

test('a key that moves to the file leaves nothing in the keychain', () => {
  const t = createTestContext()
  const { keychain, kept } = memoryKeychain()
  const store = createKeyStore({ HOME: t.home }, 'linux', keychain)
  store.save(HERE, KEY, 'keychain')
  expect(store.save(HERE, KEY, 'file')).toBe('file')
  expect(kept.size).toBe(0)
  expect(store.find(HERE)).toEqual({ key: KEY, origin: 'file' })
})

test('a key that somebody deleted from the keychain is asked for anew', () => {
  const t = createTestContext()
  const { keychain, kept } = memoryKeychain()
  const store = createKeyStore({ HOME: t.home }, 'linux', keychain)
  store.save(HERE, KEY, 'keychain')
  kept.clear()
  expect(() => store.find(HERE)).toThrow(
    expect.objectContaining({ exit: 4, message: expect.stringContaining('sign in again') })
  )
})
