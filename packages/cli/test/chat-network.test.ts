import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import {
  answer,
  beginStream,
  json,
  KEY,
  type PlayedServer,
  playServer,
  REQUEST_ID,
  type Received,
  receiptOf,
  refuse,
  sendText
} from './support/played-server.js'
import { KEYS, type TestTerminal } from './support/terminal.js'

let chats: ChatHome
let server: PlayedServer | undefined

beforeEach(() => {
  chats = chatHome()
})

afterEach(async () => {
  chats.remove()
  await server?.close()
  server = undefined
})

type Play = (request: Received, response: ServerResponse, number: number) => void

/** A chat with a server on a real port that answers what every chat asks for, and the rest as `play` says. */
async function openWith(
  play: Play,
  {
    credits = () => 1000,
    env = { CAICAINI_API_KEY: KEY }
  }: { credits?: () => number; env?: Record<string, string> } = {}
): Promise<TestTerminal> {
  let asked = 0
  server = await playServer((request, response) => {
    const { path } = request
    const balance = credits()
    if (path === '/api/balance') {
      return json(response, {
        balance,
        held: 0,
        available: balance,
        subscription: balance,
        topup: 0,
        usd: '1',
        grants: []
      })
    }
    if (path === '/api/keys/self') {
      const key = { id: 'key_1', name: 'k', scope: 'cli', created_at: new Date().toISOString() }
      return json(response, { account: { id: 'acct_1', username: 'ana', plan: 'pro' }, key, notice: null })
    }
    if (path === '/v1/models') return json(response, { data: [] })
    if (path === '/api/plans') return json(response, { plans: [] })
    play(request, response, path === '/v1/messages' ? ++asked : asked)
  })
  return chats.openRemote({ env: { ...chats.env, CAICAINI_BASE_URL: server.url, ...env } })
}

test('a connection that breaks keeps what came; the cost is said once it is known, and the total has it', async () => {
  let receipts = 0
  const receipt = receiptOf({
    credits: 0.7,
    from_subscription: 0.7,
    status: 'aborted',
    estimated: true,
    balance: 999.3
  })
  const chat = await openWith((request, response, number) => {
    if (request.path.startsWith('/api/receipts/')) {
      // The server has not noticed yet that nobody listens.
      return ++receipts < 2
        ? refuse(response, { status: 404, code: 'not_found', message: 'no' })
        : json(response, receipt)
    }
    if (number > 1) return answer(response, ['whole'], receiptOf({ request_id: 'req_2', credits: 1, balance: 998.3 }))
    beginStream(response)
    sendText(response, 'half of the answer')
    setTimeout(() => response.destroy(), 50)
  })
  chat.type(`hi${KEYS.enter}`)
  await chat.until(/half of the answer\nthe answer was cut short: the connection was lost\n↳ cost not known yet/)
  await chat.until('/retry asks again')
  await chat.until(/0\.7 credits.*balance 999\.3.*\n?.*of the\s+answer\s+that was lost/s)
  chat.type(`/retry${KEYS.enter}`)
  await chat.until('whole')
  chat.type(KEYS.ctrlD)
  await chat.ended
  expect(chat.everything()).toContain('2 answers · 1.7 credits')
  expect(REQUEST_ID).toBeTruthy()
})

test('a server that cannot be reached is waited for; Esc gives the message back', async () => {
  const chat = await openWith((_, response, number) =>
    number < 3 ? response.destroy() : answer(response, ['back again'])
  )
  chat.type(`hi${KEYS.enter}`)
  await chat.until(/reconnecting in \d s · Esc cancels/)
  await chat.until('back again')
})

test('a rate limit is counted down and the message sent by itself', async () => {
  const chat = await openWith((_, response, number) =>
    number === 1
      ? refuse(response, {
          status: 429,
          code: 'rate_limited',
          message: 'too many requests',
          headers: { 'retry-after': '2' }
        })
      : answer(response, ['there'])
  )
  chat.type(`hi${KEYS.enter}`)
  await chat.until('sending again in 2 s · Esc cancels · too many requests')
  await chat.until('in 1 s')
  await chat.until('there')
})

test('Esc ends the wait, and the message is there again', async () => {
  const chat = await openWith((_, response) =>
    refuse(response, { status: 429, code: 'rate_limited', message: 'too many', headers: { 'retry-after': '600' } })
  )
  chat.type(`hi there${KEYS.enter}`)
  await chat.until('sending again in 600 s')
  chat.type(KEYS.escape)
  await chat.until(/stopped\n[\s\S]*› hi there\s*$/)
})

test('out of credits: the ways to more with a QR code, then it goes on without a key', async () => {
  let credits = 0.1
  const chat = await openWith(
    (_, response) =>
      credits < 1
        ? refuse(response, { status: 402, code: 'insufficient_quota', message: 'too few credits' })
        : answer(response, ['thank you']),
    { credits: () => credits }
  )
  chat.type(`hi${KEYS.enter}`)
  await chat.until('waiting for credits')
  expect(chat.everything()).toMatch(/Open http:\/\/127\.0\.0\.1:\d+\/account/)
  expect(chat.everything()).toMatch(/[▀▄█]{10}/)
  credits = 500
  await chat.until('thank you')
})

test('a key that was revoked: signing in again inside the chat, then it goes on', async () => {
  const fresh = KEY
  let approved = false
  writeKey(chats, fresh)
  const chat = await openWith(
    (request, response) => {
      if (request.path === '/api/device/code') {
        const url = 'http://127.0.0.1:1/device'
        return json(response, {
          device_code: 'd',
          user_code: 'BCDF-GHJK',
          verification_uri: url,
          verification_uri_complete: `${url}?code=BCDF-GHJK`,
          expires_in: 600,
          interval: 1
        })
      }
      if (request.path === '/api/device/token') {
        approved = true
        return json(response, { access_token: fresh, token_type: 'Bearer', replaced: null })
      }
      if (!approved) return refuse(response, { status: 401, code: 'revoked_key', message: 'this key was revoked' })
      answer(response, ['welcome back'])
    },
    { env: {} }
  )
  chat.type(`hi${KEYS.enter}`)
  await chat.until('this key was revoked')
  await chat.until('BCDF-GHJK')
  await chat.until('Signed in again.')
  await chat.until('welcome back')
})

/** As `auth login` keeps it, for whatever port the server will have. */
function writeKey(home: ChatHome, key: string): void {
  home.beforeRemote = (url) => {
    const servers = { [url]: { store: 'file', key } }
    writeFileSync(join(home.settings(), 'credentials.json'), JSON.stringify({ version: 1, servers }), { mode: 0o600 })
  }
}
