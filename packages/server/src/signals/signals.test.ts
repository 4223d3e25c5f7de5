import { describe, expect, test } from 'vitest'
import { baseOf, mailboxOf, type Resembling, scoreDuplicate } from './duplicates.js'
import { signsOf } from './request-signs.js'
import { keyPatternOf, networkOf, signalsOf } from './rules.js'
import { createWindows } from './windows.js'

const newcomer = { username: 'ada2', email: 'ada.l+2@example.org', addressHash: 'a', fingerprintHash: 'f' }
const other = (fields: Partial<Resembling> = {}): Resembling => ({
  id: 'acct_1',
  username: 'grace',
  email: 'grace@example.org',
  addressHash: 'b',
  fingerprintHash: 'g',
  ...fields
})
const near = other({ addressHash: 'a' })

describe('the score of a newcomer', () => {
  test.each([
    ['nobody', newcomer, [], 0],
    ['somebody elsewhere', newcomer, [other()], 0],
    ['one of the same address', newcomer, [near], 25],
    ['many of it, up to a limit', newcomer, Array.from({ length: 9 }, () => near), 50],
    ['one of the same browser, too', newcomer, [other({ addressHash: 'a', fingerprintHash: 'f' })], 45],
    ['the same browser elsewhere', newcomer, [other({ fingerprintHash: 'f' })], 0],
    ['a name like it', { ...newcomer, username: 'grace_7' }, [near], 50],
    ['the same mailbox, elsewhere', { ...newcomer, email: 'gra.ce+x@example.org' }, [other()], 40],
    ['a short mailbox', { ...newcomer, email: 'a1@example.org' }, [other({ email: 'a2@example.org' })], 0],
    ['mail to be thrown away', { ...newcomer, email: 'x@mailinator.com' }, [], 30],
    ['two without an address', { ...newcomer, addressHash: null }, [other({ addressHash: null })], 0]
  ] as const)('with %s', (_, asked, others, score) => {
    const found = scoreDuplicate(asked, others)
    expect(found.score).toBe(score)
    expect(found.reasons.length > 0).toBe(score > 0)
    expect(JSON.stringify(found.reasons)).not.toMatch(/grace|ada/)
  })

  test('names and mailboxes without what people count up', () => {
    expect(baseOf('Ada_Lovelace-007')).toBe('adalovelace')
    expect(mailboxOf('A.da+spam@Example.org')).toEqual({ base: 'ada', domain: 'example.org' })
  })
})

describe('the use of a key', () => {
  const kinds = (uses: object[], stepMs = 0) => {
    const windows = createWindows()
    const found = new Set<string>()
    uses.forEach((use, i) => {
      for (const { kind } of signalsOf(windows.count({ keyId: 'k', ...use }, i * stepMs))) found.add(kind)
    })
    return [...found]
  }
  const many = (count: number, use: (i: number) => object) => Array.from({ length: count }, (_, i) => use(i))

  test.each([
    ['ten networks', many(10, (i) => ({ network: `10.0.${i}.0/24` })), 0, ['many_places']],
    ['nine', many(9, (i) => ({ network: `10.0.${i}.0/24` })), 0, []],
    ['ten over a day', many(10, (i) => ({ network: `10.0.${i}.0/24` })), 3_600_000, []],
    ['thirty users', many(30, (i) => ({ endUser: `u${i}` })), 0, ['resale']],
    ['fifteen programs', many(15, (i) => ({ client: `p/${i}` })), 0, ['resale']],
    ['200 beginnings in a minute', many(200, () => ({ begins: 'x' })), 100, ['scraping']],
    ['200 in an hour', many(200, () => ({ begins: 'x' })), 10_000, []],
    ['200 that differ', many(200, (i) => ({ begins: `x${i}` })), 100, []]
  ])('by %s', (_, uses, stepMs, expected) => expect(kinds(uses, stepMs)).toEqual(expected))

  test('takes bounded memory, whatever is sent', () => {
    const windows = createWindows()
    for (let i = 0; i < 5_000; i++)
      windows.count({ keyId: 'k', endUser: `u${i}`, begins: `b${i}`, network: `n${i}` }, 0)
    const window = windows.count({ keyId: 'k' }, 0)
    expect([window.endUsers.size, window.begun.size, window.networks.size]).toEqual([500, 500, 500])
  })

  test('a phone in one network is one place', () => {
    expect(networkOf('203.0.113.7')).toBe(networkOf('203.0.113.200'))
    expect(networkOf('2001:db8:0:1::/64')).toBe('2001:db8:0:1::/64')
  })
})

test('keys that are counted up are a pattern, others are none', () => {
  const names = (count: number, name: (i: number) => string) => Array.from({ length: count }, (_, i) => name(i))
  expect(keyPatternOf(names(10, (i) => `Bot-${i}`))).toMatchObject({ evidence: { pattern: 'bot-#', keys: 10 } })
  expect(keyPatternOf(names(9, (i) => `bot-${i}`))).toBeUndefined()
  expect(keyPatternOf(names(10, (i) => 'abcdefghij'.slice(0, i + 1)))).toBeUndefined()
})

describe('a request', () => {
  const user = { role: 'user', content: 'the secret plan' }
  test.each([
    ['Anthropic', { metadata: { user_id: 'u' }, system: 'be brief', messages: [user] }, true, true],
    ['OpenAI', { user: 'u', messages: [{ role: 'system', content: 'be brief' }, user] }, true, true],
    ['Responses', { safety_identifier: 'u', instructions: 'be brief', input: 'hi' }, true, true],
    [
      'one that goes on',
      { system: 'be brief', messages: [user, { role: 'assistant', content: 'a' }, user] },
      false,
      false
    ],
    ['one without instructions', { messages: [user] }, false, false]
  ])('of %s is known by hashes alone', (_, body, hasUser, begins) => {
    const signs = signsOf(body)
    expect([signs.endUser !== undefined, signs.begins !== undefined]).toEqual([hasUser, begins])
    expect(JSON.stringify(signs)).not.toMatch(/plan|brief|"u"/)
  })

  test('of Claude Code: each session is the same person', () => {
    const of = (session: string) =>
      signsOf({ metadata: { user_id: `user_1_account__session_${session}` }, messages: [] })
    expect(of('a')).toEqual(of('b'))
  })
})
