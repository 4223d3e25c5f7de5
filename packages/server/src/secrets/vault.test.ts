import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { systemRandom as random } from '../lib/random.js'
import { loadDataKeys } from './data-key.js'
import { createVault, hashToken, isSameText } from './vault.js'

const folder = mkdtempSync(join(tmpdir(), 'caicaini-vault-'))
afterAll(() => rmSync(folder, { recursive: true }))

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
const vaultOf = (text: string) => createVault({ keys: loadDataKeys({ text, path: null, random }), random })

describe('an envelope', () => {
  const vault = vaultOf(`a:${key(1)}`)

  test('opens to what was sealed, and never reads the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [one, two] = [vault.seal(text, 'x'), vault.seal(text, 'x')]
        expect([vault.open(one, 'x'), vault.open(two, 'x')]).toEqual([text, text])
        expect(one).not.toBe(two)
      })
    )
  })

  test('of bytes opens to them, in its own place alone', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const sealed = vault.sealBytes(bytes, 'x')
        expect(new Uint8Array(vault.openBytes(sealed, 'x'))).toEqual(bytes)
        expect(() => vault.openBytes(sealed, 'y')).toThrow()
      })
    )
    expect(() => vaultOf(`b:${key(1)}`).openBytes(vault.sealBytes(Buffer.from('s'), 'x'), 'x')).toThrow('no key "a"')
  })

  test('opens in its own place alone, unchanged', () => {
    const sealed = vault.seal('secret', 'totp:acct_1')
    expect(() => vault.open(sealed, 'totp:acct_2')).toThrow()
    const at = sealed.length - 5
    const other = sealed[at] === 'A' ? 'B' : 'A'
    expect(() => vault.open(sealed.slice(0, at) + other + sealed.slice(at + 1), 'totp:acct_1')).toThrow()
    expect(() => vaultOf(`b:${key(1)}`).open(sealed, 'totp:acct_1')).toThrow('no key "a"')
  })

  test('opens still when a newer key is in use, and hashes stay', () => {
    const sealed = vault.seal('secret', 'x')
    const newer = vaultOf(`b:${key(2)},a:${key(1)}`)
    expect(newer.open(sealed, 'x')).toBe('secret')
    expect(newer.seal('secret', 'x')).toMatch(/^v1\.b\./)
    expect(newer.keyedHash('ip', '10.0.0.1')).toBe(vault.keyedHash('ip', '10.0.0.1'))
    expect(newer.keyedHash('ip', '10.0.0.1')).not.toBe(vault.keyedHash('mail', '10.0.0.1'))
    expect(newer.successor('refresh', 't')).toBe(vault.successor('refresh', 't'))
  })
})

describe('the key', () => {
  test('is made once beside the data, for its owner alone', () => {
    const path = join(folder, 'data.key')
    const first = loadDataKeys({ text: undefined, path, random })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(loadDataKeys({ text: undefined, path, random })).toEqual(first)
    expect(readFileSync(path, 'utf8')).toMatch(/^k1:.{44}\n$/)
  })

  test.each(['', 'k1', 'k1:abc', `k1:${key(1)},k1:${key(2)}`, `K!:${key(1)}`])('%j is refused', (text) => {
    expect(() => loadDataKeys({ text, path: null, random })).toThrow('CAICAINI_DATA_KEY')
  })

  test('a damaged file is named, not replaced', () => {
    const path = join(folder, 'damaged.key')
    writeFileSync(path, 'what')
    expect(() => loadDataKeys({ text: undefined, path, random })).toThrow('damaged.key')
    expect(readFileSync(path, 'utf8')).toBe('what')
  })
})

test('tokens are compared whole', () => {
  expect(isSameText('a', 'a')).toBe(true)
  expect(isSameText('a', 'ab')).toBe(false)
  expect(hashToken('a')).toHaveLength(64)
})
