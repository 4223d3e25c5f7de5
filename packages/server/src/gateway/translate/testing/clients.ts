import Anthropic from '@anthropic-ai/sdk'
import type { JsonObject } from '../../request/value.js'
import { parseSseEvent } from '../../usage/sse-scanner.js'

/** What Anthropic's own client makes of a stream. */
export async function messageOfStream(text: string): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
  })
  return client.messages
    .stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] })
    .finalMessage()
}

export function eventsOfStream(text: string): readonly { name: string; data: string }[] {
  return text
    .split(/(?<=\n\n)/)
    .map((event) => parseSseEvent(Buffer.from(event)))
    .filter(({ data }) => data !== '')
}

interface Call {
  id: string
  type: string
  name: string
  arguments: string
}

/** What OpenAI's client makes of a chat stream: deltas joined, calls by their index. */
export function completionOfStream(text: string) {
  const events = eventsOfStream(text)
  const chunks = events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))
  const joined = { content: '', reasoning: '', refusal: '' }
  const calls: Call[] = []
  const thinkingBlocks: JsonObject[] = []
  let finishReason: string | null = null
  for (const { choices } of chunks) {
    const [choice] = choices
    if (!choice) continue
    joined.content += choice.delta.content ?? ''
    joined.reasoning += choice.delta.reasoning_content ?? ''
    joined.refusal += choice.delta.refusal ?? ''
    thinkingBlocks.push(...(choice.delta.thinking_blocks ?? []))
    for (const { index, id, type, function: of, custom } of choice.delta.tool_calls ?? []) {
      calls[index] ??= { id: '', type: '', name: '', arguments: '' }
      const call = calls[index]
      call.id += id ?? ''
      call.type += type ?? ''
      call.name += (of ?? custom).name ?? ''
      call.arguments += of?.arguments ?? custom?.input ?? ''
    }
    finishReason = choice.finish_reason ?? finishReason
  }
  const usage = chunks.findLast((chunk) => chunk.usage)?.usage ?? null
  return { ...joined, calls, thinkingBlocks, finishReason, usage, chunks, done: events.at(-1)?.data === '[DONE]' }
}

/** What a Responses client gathers from the events, beside the response that the last one holds. */
export function responseOfStream(text: string) {
  const events = eventsOfStream(text).map(({ name, data }) => ({ name, ...JSON.parse(data) }))
  const gathered = new Map<number, string>()
  const items: JsonObject[] = []
  for (const event of events) {
    if (event.type.endsWith('.delta')) {
      gathered.set(event.output_index, (gathered.get(event.output_index) ?? '') + event.delta)
    }
    if (event.type === 'response.output_item.done') items[event.output_index] = event.item
  }
  return { events, gathered, items, response: events.at(-1)?.response }
}
