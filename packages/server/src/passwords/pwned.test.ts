import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { silentLog } from '../lib/log.js'
import { createPwned, isListed } from './pwned.js'

const hash = createHash('sha1').update('a leaked one').digest('hex').toUpperCase()

test('sends five characters of the hash, and finds the rest in the answer', async () => {
  const asked: string[] = []
  const fetch = (async (url: string) => {
    asked.push(url)
    return new Response(`0000000000000000000000000000000000A:3\r\n${hash.slice(5)}:12\r\n`)
  }) as typeof globalThis.fetch
  const isPwned = createPwned({ fetch, log: silentLog })
  expect(await isPwned('a leaked one')).toBe(true)
  expect(await isPwned('an own one')).toBe(false)
  expect(asked[0]).toBe(`https://api.pwnedpasswords.com/range/${hash.slice(0, 5)}`)
  expect(asked.join()).not.toContain(hash.slice(5))
})

test('padding is no password', () => {
  expect(isListed(`${hash.slice(5)}:0`, hash.slice(5))).toBe(false)
})

test.each([
  ['refuses', async () => new Response('', { status: 503 })],
  ['is not there', async () => Promise.reject(new TypeError('fetch failed'))]
])('who %s is left out', async (_, fetch) => {
  expect(await createPwned({ fetch: fetch as typeof globalThis.fetch, log: silentLog })('anything')).toBe(false)
})
