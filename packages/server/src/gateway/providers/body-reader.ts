import type { Readable } from 'node:stream'

/**
 * Reads a body as its consumer asks, and no faster: each call gives what has queued up, as one chunk, or
 * null at the end, and rejects where the body breaks off. Cheaper for each chunk than iterating over the
 * stream, which is a generator of its own.
 */
export function createBodyReader(body: Readable): () => Promise<Buffer | null> {
  let wake = () => {}
  let failure: Error | undefined
  const look = () => wake()
  body.on('readable', look).on('end', look)
  body.on('error', (error) => {
    failure = error
    wake()
  })
  body.on('close', () => {
    if (!body.readableEnded) failure ??= new Error('the body was closed before its end')
    wake()
  })

  return async () => {
    for (;;) {
      const chunk: Buffer | null = body.read()
      if (chunk !== null) return chunk
      if (failure) throw failure
      if (body.readableEnded) return null
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}
