import { AppError } from '@caicaini/protocol'
import { createSseScanner } from '../usage/sse-scanner.js'

/** Largest event that is kept until it is whole, in bytes. */
export const EVENT_BYTES_MAX = 16 * 1024 * 1024

/** Cuts a stream's bytes into whole events, wherever they were cut before. */
export interface EventBuffer {
  /** The events that are whole now, each with its blank line. Throws `AppError('upstream_error')` beyond the limit. */
  take(chunk: Uint8Array): readonly Buffer[]
  /** What is left of an event that never ended. */
  rest(): Buffer
}

export function createEventBuffer(eventBytesMax = EVENT_BYTES_MAX): EventBuffer {
  const scanner = createSseScanner()
  let pending: Uint8Array[] = []
  let pendingBytes = 0

  function keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    pending.push(bytes)
    pendingBytes += bytes.length
    if (pendingBytes > eventBytesMax) {
      throw new AppError('upstream_error', 'The provider sent an event that is too large')
    }
  }

  function rest(): Buffer {
    const bytes = Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    return bytes
  }

  return {
    take(chunk) {
      const ends = scanner.scan(chunk)
      if (ends.length === 0) {
        keep(chunk)
        return []
      }
      const offset = pendingBytes
      const bytes = Buffer.concat([rest(), chunk])
      const events: Buffer[] = []
      let start = 0
      for (const end of ends) {
        events.push(bytes.subarray(start, end + offset))
        start = end + offset
      }
      keep(bytes.subarray(start))
      return events
    },
    rest
  }
}
