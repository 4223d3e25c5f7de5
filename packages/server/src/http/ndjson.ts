import type { Context } from 'hono'

/** Lines sent at once: one write for each would cost more than the lines. */
const LINES_AT_ONCE = 100

/** An answer of one JSON object a line, sent as it is read and no faster than it is taken. */
export function ndjson(c: Context, lines: AsyncIterable<object>) {
  return c.body(
    streamOf(lines, (line) => `${JSON.stringify(line)}\n`),
    200,
    { 'content-type': 'application/x-ndjson' }
  )
}

/** The texts of `items`, read as they are asked for. */
export function streamOf<T>(items: AsyncIterable<T>, textOf: (item: T) => string): ReadableStream<Uint8Array> {
  const iterator = items[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = ''
        for (let count = 0; count < LINES_AT_ONCE; count++) {
          const { value, done } = await iterator.next()
          if (done) {
            if (text) controller.enqueue(encoder.encode(text))
            controller.close()
            return
          }
          text += textOf(value)
        }
        controller.enqueue(encoder.encode(text))
      },
      async cancel() {
        await iterator.return?.()
      }
    },
    { highWaterMark: 0 }
  )
}
