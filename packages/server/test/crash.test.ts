import { parseReceiptJson, type Receipt } from '@caicaini/protocol'
import type { AuditReport, Balance, ChatMessageList } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newChatId, newMessageId, turnHeaders } from '../src/testing/chats.js'
import { type ChildServer, type ChildServers, createChildServers } from '../src/testing/child-server.js'
import { begin, streamEvents } from '../src/testing/upstream.js'

let c: ChildServers

beforeEach(async () => {
  c = await createChildServers()
})
afterEach(() => c.close())

/** Asks for a stream and reads it until `text` has come; what was read, and the request's id. */
async function readUntil(
  server: ChildServer,
  key: string,
  text: string,
  headers: Record<string, string> = {}
): Promise<{ got: string; requestId: string }> {
  const messages = [{ role: 'user', content: 'hi' }]
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, ...headers },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1024, stream: true, messages })
  })
  const reader = response.body?.getReader()
  let got = ''
  while (!got.includes(text)) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) throw new Error(`the stream ended before "${text}": ${got}`)
    got += Buffer.from(chunk.value).toString()
  }
  // The connection breaks when the server is killed: what is read after that is nobody's concern.
  reader?.closed.catch(() => undefined)
  return { got, requestId: response.headers.get('request-id') ?? '' }
}

// Elsewhere only the lease tells that a process is gone, half a minute later.
test.skipIf(process.platform === 'win32')(
  'the server dies: killed in the middle of an answer, and after one, nothing is lost',
  async () => {
    const first = await c.serve()
    const key = await first.createCustomer()
    c.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    const cut = await readUntil(first, key, 'Hello')
    expect((await first.get<Balance>('/api/balance', key)).held).toBeGreaterThan(5)
    await first.kill()

    const second = await c.serve()
    expect(await second.get<Receipt>(`/api/receipts/${cut.requestId}`, key)).toMatchObject({
      status: 'released',
      credits: 0,
      balance: 100
    })
    expect(await second.get<Balance>('/api/balance', key)).toMatchObject({ balance: 100, held: 0, available: 100 })
    expect(await second.local<AuditReport>('GET', '/admin/api/ledger/audit')).toMatchObject({ ok: true, holds_open: 0 })

    c.upstream.play((response) => {
      begin(response, streamEvents())
      response.end()
    })
    const whole = await readUntil(second, key, '\n\nevent: message_stop')
    await second.kill()
    const seen = parseReceiptJson(/^: caicaini-receipt (.*)$/m.exec(whole.got)?.[1] ?? '')
    expect(seen).toMatchObject({ request_id: whole.requestId, status: 'complete', credits: 0.35, balance: 99.65 })

    const third = await c.serve()
    expect(await third.get<Receipt>(`/api/receipts/${whole.requestId}`, key)).toEqual(seen)
    expect(await third.get<Balance>('/api/balance', key)).toMatchObject({ balance: 99.65, held: 0 })
    expect(await third.local<AuditReport>('GET', '/admin/api/ledger/audit')).toMatchObject({
      ok: true,
      holds_open: 0,
      receipts: 2
    })
    expect(await third.stop()).toBe(0)
  }
)

test.skipIf(process.platform === 'win32')(
  'a chat keeps what was told whole when the server dies, and its question where it was cut',
  async () => {
    const first = await c.serve()
    await first.createCustomer()
    const { key } = await first.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'c', scope: 'cli' })
    const turn = { chat: newChatId(), answer: newMessageId() }
    c.upstream.play((response) => {
      begin(response, streamEvents())
      response.end()
    })
    await readUntil(first, key, '\n\nevent: message_stop', turnHeaders(turn))
    c.upstream.play((response) => begin(response, streamEvents().slice(0, 5)))
    await readUntil(first, key, 'Hello', turnHeaders({ chat: turn.chat, parent: turn.answer }))
    await first.kill()

    const second = await c.serve()
    const { messages } = await second.get<ChatMessageList>(`/api/chats/${turn.chat}/messages`, key)
    expect(messages.map(({ role, state }) => [role, state])).toEqual([
      ['user', 'complete'],
      ['assistant', 'complete'],
      ['user', 'complete']
    ])
    expect(messages[1]).toMatchObject({ credits: 0.35, content: [{ type: 'text', text: 'Hello, world' }] })
    expect(await second.local<AuditReport>('GET', '/admin/api/ledger/audit')).toMatchObject({ ok: true, holds_open: 0 })
    expect(await second.stop()).toBe(0)
  }
)
