import { chunkOf, LAST_CHUNK } from './http-messages.js'

/* What the played Anthropic says, and what it is asked: sizes as of a short chat turn. */
const usage = { input_tokens: 120, output_tokens: 60 }
const message = { id: 'msg_played', type: 'message', role: 'assistant', model: 'claude-haiku-4-5', stop_sequence: null }
const text = 'Ten words that a model might say to you here. '.repeat(6)

export const PLAIN_ANSWER = JSON.stringify({
  ...message,
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  usage
})

const START = [
  event('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } }
  }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
]

const END = [
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 60 } }),
  event('message_stop', {})
].join('')

export const STREAM_EVENTS = [...START, ...text.split(/(?<=\. )/).map(delta), END].join('')

export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_played\r\ntransfer-encoding: chunked\r\n\r\n'

const DELTAS = 197
/** What a long stream sends: its start, a few words at a time, its end; 200 chunks. */
export const STREAM_CHUNKS = [
  ...START.map(chunkOf),
  ...Array.from({ length: DELTAS }, () => chunkOf(delta(' some words here'))),
  chunkOf(END) + LAST_CHUNK
]

/** `note` stands in the prompt. */
export function requestBody({ stream, note = '' }) {
  const question = 'A question of the usual length, about something that someone wants to know. '.repeat(6)
  const messages = [{ role: 'user', content: `${question}${note}` }]
  return JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 256, stream, messages })
}

function delta(words) {
  return event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: words } })
}

function event(type, data) {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}
