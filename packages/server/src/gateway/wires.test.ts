import { expect, test } from 'vitest'
import { readChatRequest } from './request/chat-request.js'
import { wireOf } from './wires.js'

const bytes = Buffer.from('{"model":"m","messages":[{"role":"user","content":"Hi"}]}')

/** A chat client's request to a provider of its own format. */
const through = wireOf({
  request: readChatRequest(bytes),
  bytes,
  requestId: 'req_1',
  nowMs: 0,
  upstreamModel: 'up',
  tokens: 100,
  clamped: null,
  inputTokensEstimated: 5,
  provider: { format: 'chat', preset: 'openrouter' }
})

const completion = (finish_reason: string) =>
  Buffer.from(
    JSON.stringify({
      choices: [{ index: 0, message: { role: 'assistant', content: 'The sky' }, finish_reason }],
      usage: { prompt_tokens: 5, completion_tokens: 2 }
    })
  )

test('an answer that passes through is read by what it says of itself', () => {
  expect(through.readPlain(completion('length'))).toMatchObject({ stopReason: 'max_tokens', estimated: false })
})

test.each(['error', 'insufficient_system_resource'])('one that ends in %s is none, and is not billed', (reason) => {
  expect(through.readPlain(completion(reason))).toBeUndefined()
})
