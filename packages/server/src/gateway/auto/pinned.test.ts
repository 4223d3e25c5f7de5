import { describe, expect, test } from 'vitest'
import { loadCatalog } from '../../catalog/load.js'
import { chooseModel } from './auto-route.js'
import { createPins } from './pins.js'

const catalog = loadCatalog({ readFile: () => '' })
const T0 = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const HARD = 'Prove rigorously that the series converges.'
const EASY = 'What is the capital of France?'
const user = (content: unknown) => ({ role: 'user', content })
const said = (content: unknown) => ({ role: 'assistant', content })

/** One account's conversations, each call a request of theirs. */
function createTalk(more: object = {}, headers: Record<string, string> = { 'x-caicaini-chat': 'chat_1' }) {
  const pins = createPins()
  return {
    pins,
    ask(messages: readonly unknown[], { atMs = T0, add = {}, accountId = 'acct_1' } = {}) {
      const pinned = { asker: { accountId, headers: new Headers({ ...headers, ...add }) }, pins }
      const body = { ...more, messages }
      const route = chooseModel({ body, catalog, nowMs: atMs, available: () => true, pinned })
      if (route?.pin) pins.set(route.pin)
      return route && `${route.model.id} ${route.reason}`
    }
  }
}

const cached = (chars: number) => ({
  system: [{ type: 'text', text: 'x'.repeat(chars), cache_control: { type: 'ephemeral' } }]
})

describe('a conversation', () => {
  test('keeps its model where a message says nothing of its own', () => {
    const talk = createTalk()
    expect(talk.ask([user(HARD)])).toContain('claude-opus-4-7')
    expect(talk.ask([user(HARD), said('…'), user('continue')])).toBe('claude-opus-4-7 Pinned with this conversation')
    // Words that stand in any remark say as little.
    expect(talk.ask([user(HARD), said('…'), user('no, only my first idea')])).toContain('claude-opus-4-7 Pinned')
  })

  test('goes up for a hard question and down for an easy one where no cache is lost', () => {
    const talk = createTalk()
    expect(talk.ask([user(EASY)])).toContain('claude-haiku-4-5')
    expect(talk.ask([user(EASY), said('Paris'), user(HARD)])).toContain('claude-opus-4-7')
    expect(talk.ask([user(EASY), said('Paris'), user(HARD), said('…'), user(EASY)])).toContain('claude-haiku-4-5')
  })

  test('does not go down where that costs more than it saves, and says what the cache is worth', () => {
    const talk = createTalk(cached(40_000))
    expect(talk.ask([user(HARD)])).toContain('claude-opus-4-7')
    const next = [user(HARD), said('…'), user(EASY)]
    // 12,000 tokens at 5,000 - 500 credits a million: 54 and a little. An answer of Haiku's saves about 16.
    expect(talk.ask(next)).toMatch(
      /^claude-opus-4-7 Pinned with this conversation \(its cache is worth 54(\.\d)? credits\)$/
    )
    // Five minutes later there is no cache to lose.
    expect(talk.ask(next, { atMs: T0 + 6 * MINUTE })).toContain('claude-haiku-4-5')
  })

  test('does not go up where its cache is worth more than a better answer', () => {
    const small = createTalk(cached(40_000))
    expect(small.ask([user(EASY)])).toContain('claude-haiku-4-5')
    expect(small.ask([user(EASY), said('Paris'), user(HARD)])).toContain('claude-opus-4-7')
    const large = createTalk(cached(400_000))
    expect(large.ask([user('continue')])).toContain('claude-sonnet-4-6')
    expect(large.ask([user('continue'), said('…'), user(HARD)])).toMatch(
      /^claude-sonnet-4-6 Pinned .* 324(\.\d)? credits/
    )
  })

  test('keeps its model while tools answer, however it reads', () => {
    const talk = createTalk()
    talk.ask([user(HARD)])
    const call = said([{ type: 'tool_use', id: 'a', name: 'bash', input: {} }])
    const result = user([{ type: 'tool_result', tool_use_id: 'a', content: EASY }])
    expect(talk.ask([user(HARD), call, result])).toBe('claude-opus-4-7 Pinned with this conversation')
  })

  test('goes one up when the same call fails again and again, and once for the same failures', () => {
    const talk = createTalk()
    const failing = (count: number) =>
      Array.from({ length: count }, (_, i) => [
        said([{ type: 'tool_use', id: `t${i}`, name: 'bash', input: { command: 'make' } }]),
        user([{ type: 'tool_result', tool_use_id: `t${i}`, is_error: true, content: 'no rule' }])
      ]).flat()
    expect(talk.ask([user(EASY)])).toContain('claude-haiku-4-5')
    expect(talk.ask([user(EASY), ...failing(2)])).toContain('claude-haiku-4-5 Pinned')
    expect(talk.ask([user(EASY), ...failing(3)])).toBe(
      'claude-sonnet-4-6 The same call failed again and again: the middle model'
    )
    expect(talk.ask([user(EASY), ...failing(4)])).toContain('claude-sonnet-4-6 Pinned')
    expect(talk.ask([user(EASY), ...failing(6)])).toContain('claude-opus-4-7 The same call')
    expect(talk.ask([user(EASY), ...failing(12)])).toContain('claude-opus-4-7 Pinned')
    // A client that compacts sends fewer calls than were seen: these are new ones.
    const compacted = createTalk()
    expect(compacted.ask([user(EASY)])).toContain('claude-haiku-4-5')
    expect(compacted.ask([user(EASY), ...failing(6)])).toContain('claude-sonnet-4-6 The same call')
    expect(compacted.ask([user(EASY), ...failing(3)])).toContain('claude-opus-4-7 The same call')
    // Where a restart has forgotten the conversation the failures are still there to see.
    expect(createTalk().ask([user(EASY), ...failing(3)])).toContain('claude-sonnet-4-6 The same call')
    expect(createTalk().ask([user(HARD), ...failing(3)])).toContain('claude-opus-4-7 A very hard problem')
  })

  test('is forgotten after an hour of silence', () => {
    const talk = createTalk()
    talk.ask([user(HARD)])
    const next = [user(HARD), said('…'), user('continue')]
    expect(talk.ask(next, { atMs: T0 + 61 * MINUTE })).toContain('claude-sonnet-4-6 No clear sign')
  })
})

describe('what a conversation is known by', () => {
  const next = [user(HARD), said('…'), user('continue')]
  const names: [string, object, Record<string, string>][] = [
    ['our chat', {}, { 'x-caicaini-chat': 'chat_1' }],
    ['Claude Code’s session', {}, { 'x-claude-code-session-id': 's' }],
    ['Claude Code’s metadata', { metadata: { user_id: '{"session_id":"s"}' } }, {}],
    ['Codex’ session', {}, { 'session-id': 's' }],
    ['its first message and system prompt', { system: 'You are terse.' }, {}]
  ]
  test.each(names)('%s', (_, body, headers) => {
    const talk = createTalk(body, headers)
    talk.ask([user(HARD)])
    expect(talk.ask(next)).toContain('claude-opus-4-7 Pinned')
    expect(talk.ask(next, { accountId: 'acct_2' })).toContain('No clear sign')
  })

  test('a subagent’s calls are a conversation of their own', () => {
    const talk = createTalk({}, { 'x-claude-code-session-id': 's' })
    talk.ask([user(HARD)])
    expect(talk.ask(next, { add: { 'x-claude-code-agent-id': 'explore' } })).toContain('No clear sign')
    expect(talk.ask([user('List the files'), said('…'), user('continue')])).toContain('No clear sign')
  })
})

describe('Claude Code’s request class', () => {
  const of = (name: string) => ({ add: { 'x-claude-code-request-class': name } })
  test('auxiliary calls go to the small model and leave the conversation as it is', () => {
    const talk = createTalk()
    expect(talk.ask([user(HARD)])).toContain('claude-opus-4-7')
    expect(talk.ask([user(HARD)], of('auxiliary'))).toBe('claude-haiku-4-5 Auxiliary call: the small model')
    expect(talk.ask([user(HARD), said('…'), user('go on')], of('main'))).toContain('claude-opus-4-7 Pinned')
  })

  test('a compaction reads what the conversation has in its cache, so it stays', () => {
    const talk = createTalk(cached(40_000))
    talk.ask([user(HARD)])
    expect(talk.ask([user(HARD), said('…'), user(EASY)], of('compaction'))).toContain('claude-opus-4-7 Pinned')
  })
})

test('no more conversations are remembered than there is room for, the newest of them', () => {
  const pins = createPins({ pinsMax: 2 })
  const pin = { modelId: 'm', tier: 'top', atMs: T0, cacheTtlMs: 0, inputTokens: 0, callsSeen: 0 } as const
  for (const key of ['a', 'b', 'a', 'c']) pins.set({ key, pin })
  expect(pins.size).toBe(2)
  expect(['a', 'b', 'c'].map((key) => pins.get(key, T0) !== undefined)).toEqual([true, false, true])
})
