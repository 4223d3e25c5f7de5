import { createParser } from 'eventsource-parser'
import { ConnectionLost } from './transport.js'

export type SseItem =
  | { readonly type: 'event'; readonly event: string; readonly data: string }
  | { readonly type: 'comment'; readonly text: string }

/** Largest unfinished event that is kept, in characters: far beyond any that our servers send. */
const BUFFER_MAX = 16 * 1024 * 1024

/** The events and comments of a stream, in order. What is unfinished when the stream ends is dropped. */
export async function* readSse(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseItem> {
  let items: SseItem[] = []
  const parser = createParser({
    maxBufferSize: BUFFER_MAX,
    onEvent: ({ event, data }) => items.push({ type: 'event', event: event ?? 'message', data }),
    onComment: (text) => items.push({ type: 'comment', text }),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw new ConnectionLost(error)
    }
  })
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    const ready = items
    items = []
    yield* ready
  }
}
