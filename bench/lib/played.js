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

export const STREAM_EVENTS = [
  event('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } }
  }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ...text
    .split(/(?<=\. )/)
    .map((part) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: part } })),
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 60 } }),
  event('message_stop', {})
].join('')

export function requestBody({ stream }) {
  const content = 'A question of the usual length, about something that someone wants to know. '.repeat(6)
  return JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 256, stream, messages: [{ role: 'user', content }] })
}

function event(type, data) {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}
