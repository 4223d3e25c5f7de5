import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { apiKeyHint, checkApiKey, generateApiKey } from './api-key.js'

test('the checksum is the one that secret scanners compute: base62 of CRC32, left-padded', () => {
  // npm's published example of the same scheme.
  expect(checkApiKey('cai_api_qkJaB6MffYVzZXWqmcoF49yrUxP3wf0LsakP')).toBe('ok')
})

test('a generated key checks, and no two are alike', () => {
  const keys = Array.from({ length: 200 }, () => generateApiKey(randomBytes))
  expect(keys.every((key) => /^cai_api_[0-9A-Za-z]{36}$/.test(key) && checkApiKey(key) === 'ok')).toBe(true)
  expect(new Set(keys).size).toBe(200)
})

test('every digit is equally likely: bytes that would favour some are dropped', () => {
  const bytes = [255, 254, 253, 252, 251, 250, 249, 248, 0]
  expect(generateApiKey(() => Uint8Array.from(bytes)).startsWith('cai_api_0000')).toBe(true)
})

test('one wrong character is a typing error, another prefix another service', () => {
  const key = generateApiKey(randomBytes)
  const at = 12
  const other = key[at] === 'a' ? 'b' : 'a'
  expect(checkApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBe('mistyped')
  expect(checkApiKey(key.slice(0, -1))).toBe('mistyped')
  expect(checkApiKey('sk-ant-api03-x')).toBe('malformed')
})

test('a hint shows too little to be used', () => {
  expect(apiKeyHint('cai_api_qkJaB6MffYVzZXWqmcoF49yrUxP3wf0LsakP')).toBe('cai_api_qkJa…sakP')
})
