/* A server for the chat: tells what every chat asks for, and streams answers as long and as fast as the message says. */
import { createServer } from 'node:http'
import { servePart } from '../lib/part.js'
import { MARKDOWN_SAMPLE } from '../../packages/server/src/gateway/providers/sandbox-sample.ts'

const TICK_MS = 5
const PRICE = { input: 1000, output: 5000, cache_read: 100, cache_write: 1250 }
const PIECES = {
  words: ['some ', 'words ', 'that ', 'a ', 'model ', 'says, ', 'without ', 'any ', 'marks ', 'at ', 'all. '],
  markdown: `${MARKDOWN_SAMPLE}\n\n`.match(/\S+\s*/g)
}

let answers = 0

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  if (request.url === '/v1/messages') return answer(JSON.parse(Buffer.concat(chunks)), response)
  const told = TOLD[request.url]
  response.writeHead(told ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(told ?? { error: { message: `not played: ${request.url}` } }))
})

const TOLD = {
  '/api/balance': { balance: 1e6, held: 0, available: 1e6, subscription: 1e6, topup: 0, usd: '1000', grants: [] },
  '/api/keys/self': {
    account: { id: 'acct_1', username: 'ann', plan: 'pro' },
    key: { id: 'key_1', name: 'k', scope: 'cli', created_at: '2026-11-21T00:00:00Z' },
    notice: null
  },
  '/api/plans': { plans: [] },
  '/v1/models': { data: [] }
}

/** `words 400 200`: 400 pieces of plain words, 200 a second; 0 = all at once. `markdown` the same of markdown. */
function answer({ messages }, response) {
  const { content } = messages.at(-1)
  const text = typeof content === 'string' ? content : content.map((block) => block.text).join(' ')
  const [, kind, count, perSecond] = /(words|markdown) (\d+) (\d+)/.exec(text) ?? [undefined, 'words', '10', '0']
  const total = Number(count)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${++answers}` })
  send(response, 'message_start', { message: { model: 'claude-haiku-4-5', usage: {} } })
  const startedAt = performance.now()
  let sent = 0
  const sendUntil = (due) => {
    const pieces = PIECES[kind]
    for (; sent < Math.min(due, total); sent++) {
      const delta = { type: 'text_delta', text: pieces[sent % pieces.length] }
      send(response, 'content_block_delta', { index: 0, delta })
    }
    if (sent < total) return
    clearInterval(timer)
    end(response, total)
  }
  const timer =
    Number(perSecond) > 0 &&
    setInterval(() => sendUntil(((performance.now() - startedAt) / 1000) * Number(perSecond)), TICK_MS)
  if (!timer) sendUntil(total)
  response.on('close', () => clearInterval(timer))
}

function end(response, tokens) {
  send(response, 'message_delta', { delta: { stop_reason: 'end_turn' }, usage: {} })
  response.write(`: caicaini-receipt ${JSON.stringify(receiptOf(tokens))}\n\n`)
  send(response, 'message_stop', {})
  response.end()
}

function receiptOf(tokens) {
  const credits = Math.round(tokens * PRICE.output) / 1e6
  return {
    request_id: `req_${answers}`,
    status: 'complete',
    model: 'caicaini/haiku',
    model_used: 'claude-haiku-4-5',
    route_reason: 'asked for',
    provider: 'anthropic',
    input_tokens: 100,
    output_tokens: tokens,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    parts: [{ kind: 'output', quantity: tokens, rate: 5_000_000_000 }],
    rate_version: '2026-11-01',
    discount: 0,
    credits,
    from_subscription: credits,
    from_topup: 0,
    uncollected: 0,
    estimated: false,
    clamped: null,
    stop_reason: 'end_turn',
    latency_ms: 1000,
    first_token_ms: 100,
    settled_at: '2026-11-21T10:00:00.000Z',
    balance: 1e6,
    warnings: [],
    ledger_head: 'ab12'
  }
}

function send(response, type, fields) {
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
}

server.listen(0, '127.0.0.1', () => servePart({ url: `http://127.0.0.1:${server.address().port}` }))
