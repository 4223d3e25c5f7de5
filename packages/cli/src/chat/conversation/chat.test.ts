import { CHAT_HEADERS } from '@caicaini/protocol'
import { expect, test } from 'vitest'
import type { WireRequest } from '../../lib/transport.js'
import { openChatScreen } from '../../testing/chat-screen.js'
import { settle } from '../../testing/fake-clock.js'
import {
  bytes,
  endEvents,
  json,
  type Played,
  REQUEST_ID,
  receiptOf,
  refusal,
  stream,
  textEvent
} from '../../testing/play-transport.js'
import { createDraftFile } from '../files/draft-file.js'
import { chatDir } from '../files/private-file.js'

const answer = (text: string, credits = 2.5): Played =>
  stream([textEvent(text), ...endEvents(receiptOf({ credits, from_subscription: credits, balance: 1000 - credits }))])
const draft = (text: string) => ({ text, chips: [] })
const bodyOf = ({ body }: WireRequest) => JSON.parse(String(body))
const messagesTo = (requests: readonly WireRequest[]) => requests.filter(({ path }) => path === '/v1/messages')

test('a message and its answer: printed once, billed, and kept under ids of ours', async () => {
  const chat = await openChatScreen(() => answer('**hello**'))
  await chat.submit(draft('hi'))
  expect(chat.printed().slice(1)).toEqual([
    '› hi',
    '**hello**',
    '↳ haiku · 1,204 in · 312 out · 2.5 credits · 0.0 s · balance 997.5'
  ])
  const { answers, spentMicro, conversation, balance } = chat.store.get()
  expect({ answers, spentMicro, balance }).toEqual({
    answers: 1,
    spentMicro: 2_500_000n,
    balance: { total: 997.5, subscription: 997.5, topup: 0 }
  })
  await chat.submit(draft('more'))
  const [first, second] = messagesTo(chat.t.server.requests)
  expect(first?.headers[CHAT_HEADERS.chat]).toBe(conversation.id)
  expect(first?.headers[CHAT_HEADERS.parent]).toBeUndefined()
  expect(second?.headers[CHAT_HEADERS.parent]).toBe(first?.headers[CHAT_HEADERS.answer])
  expect(second && bodyOf(second).messages).toEqual([
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: '**hello**' },
    { role: 'user', content: 'more' }
  ])
})

test('--no-save and /private name no chat', async () => {
  const chat = await openChatScreen(() => answer('x'), { options: { save: false } })
  await chat.submit(draft('hi'))
  await chat.submit(draft('/clear'))
  await chat.submit(draft('hi'))
  const kept = await openChatScreen(() => answer('x'))
  await kept.submit(draft('/private'))
  await kept.submit(draft('hi'))
  for (const { headers } of messagesTo([...chat.t.server.requests, ...kept.t.server.requests])) {
    expect(
      Object.keys(headers).filter((name) => name.startsWith('x-caicaini-') && name !== 'x-caicaini-client')
    ).toEqual([])
  }
})

test('what is sent while an answer comes waits for its end, in order', async () => {
  const open = Promise.withResolvers<void>()
  const chat = await openChatScreen(async (_, number) => {
    if (number === 1) await open.promise
    return answer(`answer ${number}`)
  })
  const first = chat.submit(draft('one'))
  await settle()
  await chat.submit(draft('two'))
  await chat.submit(draft('three'))
  expect(chat.store.get().queue.map(({ text }) => text)).toEqual(['two', 'three'])
  open.resolve()
  await first
  while (chat.chat.isBusy() || chat.store.get().queue.length > 0) await settle()
  expect(chat.printed().filter((line) => /^›|^answer/.test(line))).toEqual([
    '› one',
    'answer 1',
    '› two',
    'answer 2',
    '› three',
    'answer 3'
  ])
})

test('a refused message is there again, with its id, and what waits stays', async () => {
  const chat = await openChatScreen((_, number) =>
    number === 1 ? refusal(400, 'invalid_request', 'no') : answer('ok')
  )
  await chat.submit(draft('question'))
  expect(chat.printed().at(-1)).toBe('! no')
  expect(chat.store.get().editor.buffer.text).toBe('question')
  await chat.submit(draft('question'))
  const [first, second] = messagesTo(chat.t.server.requests)
  expect(first?.headers[CHAT_HEADERS.message]).toBe(second?.headers[CHAT_HEADERS.message])
  expect(first?.headers[CHAT_HEADERS.answer]).not.toBe(second?.headers[CHAT_HEADERS.answer])
})

test('a connection that is lost keeps what came, and says later what it cost', async () => {
  let isBack = false
  const chat = await openChatScreen((request) => {
    if (request.path === '/v1/messages') return stream([textEvent('half of it')])
    if (request.path.startsWith('/api/receipts/')) {
      if (!isBack) return { status: 404 }
      return json(
        receiptOf({ credits: 0.7, from_subscription: 0.7, status: 'aborted', estimated: true, balance: 999.3 })
      )
    }
    return { status: 404 }
  })
  const sent = chat.submit(draft('hi'))
  await chat.t.clock.advance(5_000)
  await sent
  expect(chat.printed().slice(1)).toEqual([
    '› hi',
    'half of it',
    '! the answer was cut short: the stream ended before its end',
    `↳ cost not known yet · caicaini receipts show ${REQUEST_ID}`,
    'What came is kept; /retry asks again.'
  ])
  expect(chat.store.get().unsettled).toEqual([REQUEST_ID])
  isBack = true
  await chat.t.clock.advance(6_000)
  await settle()
  expect(chat.printed().at(-1)).toMatch(/0\.7 credits · .*balance 999\.3 · estimated · of the answer that was lost/)
  expect(chat.store.get()).toMatchObject({ unsettled: [], spentMicro: 700_000n })
})

test('a rate limit is counted down and waited out, however long', async () => {
  const chat = await openChatScreen((_, number) =>
    number === 1 ? refusal(429, 'rate_limited', 'too many requests', { 'retry-after': '90' }) : answer('ok')
  )
  const sent = chat.submit(draft('hi'))
  await chat.t.clock.advance(30_000)
  expect(chat.store.get().live?.waiting).toEqual({ what: 'sending again in 60 s', why: 'too many requests' })
  await chat.t.clock.advance(61_000)
  await sent
  expect(chat.printed()).toContain('ok')
})

test('Esc ends the wait for a rate limit, and the message is there again', async () => {
  const chat = await openChatScreen(() => refusal(429, 'rate_limited', 'too many', { 'retry-after': '90' }))
  const sent = chat.submit(draft('hi'))
  await chat.t.clock.advance(10_000)
  chat.chat.stop()
  await sent
  expect(chat.printed().at(-1)).toBe('stopped')
  expect(chat.store.get()).toMatchObject({ live: undefined, editor: { buffer: { text: 'hi' } } })
})

test('a server that restarts is waited for', async () => {
  const chat = await openChatScreen((_, number) =>
    number < 4 ? refusal(503, 'stopping', 'the server is stopping') : answer('ok')
  )
  const sent = chat.submit(draft('hi'))
  await chat.t.clock.advance(1_000)
  expect(chat.store.get().live?.waiting?.what).toMatch(/^reconnecting in \d s$/)
  await chat.t.clock.advance(60_000)
  await sent
  expect(chat.printed()).toContain('ok')
})

test('without credits it tells the ways to more, and goes on by itself once they are there', async () => {
  let credits = 0.2
  // Loaded when it is first drawn, which takes longer than a turn of the fake clock.
  await import('uqr')
  const chat = await openChatScreen(() => ({ status: 404 }), {
    play: ({ path }) => {
      if (path === '/api/balance')
        return json({
          balance: credits,
          held: 0,
          available: credits,
          subscription: credits,
          topup: 0,
          usd: '0',
          grants: []
        })
      if (path === '/api/plans') {
        const change = { kind: 'up', begins_month: '2026-11', price_usd_cents: 700, credits: 5000 }
        return json({ plans: [{ display_name: 'Pro', price_usd_cents: 2000, monthly_credits: 20_000, change }] })
      }
      if (path === '/api/keys/self') return json({ account: { plan: 'free', username: 'ana' }, key: {}, notice: null })
      if (path === '/v1/models') return json({ data: [] })
      return credits > 1 ? answer('thanks') : refusal(402, 'insufficient_quota', 'too few credits')
    }
  })
  const sent = chat.submit(draft('hi'))
  await chat.t.clock.advance(12_000)
  expect(chat.store.get().live?.waiting?.what).toBe('waiting for credits')
  const told = chat.printed().join('\n')
  expect(told).toContain('! too few credits')
  expect(told).toContain('Pro: 20,000 credits a month for US$ 20')
  expect(told).toContain('/account')
  expect(told).toContain('▀')
  credits = 500
  await chat.t.clock.advance(6_000)
  await sent
  expect(chat.printed()).toContain('thanks')
})

test('a key that may not keep chats chats unkept', async () => {
  const chat = await openChatScreen(({ headers }) =>
    headers[CHAT_HEADERS.chat] ? refusal(403, 'scope', 'no chats with this key') : answer('ok')
  )
  await chat.submit(draft('hi'))
  expect(chat.printed().join('\n')).toContain('not kept')
  expect(chat.printed()).toContain('ok')
})

test('a server that lost the last answer is given the last message that it has', async () => {
  let has: string[] = []
  const chat = await openChatScreen(({ path, headers }) => {
    if (path.endsWith('/messages') && path !== '/v1/messages') {
      return json({ messages: has.map((id) => ({ id })), next: null })
    }
    const parent = headers[CHAT_HEADERS.parent]
    if (parent && !has.includes(parent)) return refusal(404, 'not_found', `${CHAT_HEADERS.parent}: no such message`)
    // It keeps the question, and is killed before it keeps the answer.
    has = [headers[CHAT_HEADERS.message] ?? '']
    return answer('ok')
  })
  await chat.submit(draft('one'))
  await chat.submit(draft('two'))
  expect(messagesTo(chat.t.server.requests)).toHaveLength(3)
  expect(chat.printed().join('\n')).toContain('goes on from what it has')
})

test('a dear message is asked about once', async () => {
  const chat = await openChatScreen(() => answer('ok'))
  const text = 'word '.repeat(60_000)
  const sent = chat.submit(draft(text))
  await settle()
  expect(chat.store.get().panel).toMatchObject({ kind: 'confirm', text: expect.stringContaining('About 78 credits') })
  chat.dialogs.answer(undefined)
  await sent
  expect(messagesTo(chat.t.server.requests)).toEqual([])
  expect(chat.store.get().editor.buffer.text).toBe(text)
  const again = chat.submit(draft(text))
  await settle()
  chat.dialogs.answer('yes')
  await again
  expect(messagesTo(chat.t.server.requests)).toHaveLength(1)
})

test('escape sequences of an answer are shown, not obeyed', async () => {
  const chat = await openChatScreen(() => answer('a\u001b[2Jb'))
  await chat.submit(draft('hi'))
  expect(chat.printed()).toContain('a␛[2Jb')
  expect(bytes('x')).toHaveLength(1)
})

test('messages that come while prices are asked for go out one after the other', async () => {
  const open = Promise.withResolvers<void>()
  const chat = await openChatScreen(() => ({ status: 404 }), {
    play: async ({ path }) => {
      if (path === '/v1/messages') return answer('ok')
      if (path === '/v1/models') await open.promise
      return json({ account: { plan: 'pro' }, key: {}, notice: null, balance: 1, subscription: 1, topup: 0, data: [] })
    }
  })
  const first = chat.submit(draft('one'))
  await settle()
  expect(chat.chat.isBusy()).toBe(true)
  await chat.submit(draft('two'))
  expect(chat.store.get().queue).toEqual([draft('two')])
  expect(messagesTo(chat.t.server.requests)).toEqual([])
  // Longer than a message waits for them.
  await chat.t.clock.advance(2_500)
  await first
  open.resolve()
  while (chat.chat.isBusy() || chat.store.get().queue.length > 0) await settle()
  expect(chat.printed().filter((line) => line.startsWith('›'))).toEqual(['› one', '› two'])
})

test('a model that is named for one message is kept with it: in the queue, and when it is given back', async () => {
  const open = Promise.withResolvers<void>()
  const chat = await openChatScreen(async (_, number) => {
    if (number === 1) await open.promise
    return number === 2 ? refusal(400, 'invalid_request', 'no') : answer('ok')
  })
  const first = chat.submit(draft('one'))
  await settle()
  await chat.submit(draft('/opus why?'))
  open.resolve()
  await first
  while (chat.chat.isBusy() || chat.store.get().queue.length > 0) {
    // It is a dear one.
    if (chat.store.get().panel) chat.dialogs.answer('yes')
    await settle()
  }
  const [, second] = messagesTo(chat.t.server.requests)
  expect(second && bodyOf(second).model).toBe('opus')
  expect(chat.store.get().editor.buffer.text).toBe('/opus why?')
})

test('who leaves at the question what it may cost finds the message as a draft', async () => {
  const chat = await openChatScreen(() => answer('ok'))
  const text = 'word '.repeat(60_000)
  void chat.submit(draft(text))
  await settle()
  expect(chat.store.get().panel).toBeDefined()
  await chat.leave()
  const again = createDraftFile(
    chatDir({ env: chat.t.facts.env, platform: 'linux', target: chat.t.context.target() }),
    chat.t.clock
  )
  expect(again.read()?.draft.text).toBe(text)
})
