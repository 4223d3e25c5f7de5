const LF = 0x0a
const CR = 0x0d

/**
 * Finds where events end in a stream of server-sent events, whatever its line ends (LF, CRLF, CR) and
 * wherever its bytes are cut. Each byte is looked at once.
 */
export interface SseScanner {
  /** Offsets in `chunk` right after each blank line: where an event is whole. Valid until the next call. */
  scan(chunk: Uint8Array): readonly number[]
}

export function createSseScanner(): SseScanner {
  const ends: number[] = []
  let lineIsEmpty = true
  let afterCr = false

  return {
    scan(chunk) {
      ends.length = 0
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]
        if (byte === LF && afterCr) {
          // The second half of a CRLF belongs to the line that its CR has ended.
          afterCr = false
          if (ends[ends.length - 1] === i) ends[ends.length - 1] = i + 1
          continue
        }
        afterCr = byte === CR
        if (byte === LF || byte === CR) {
          if (lineIsEmpty) ends.push(i + 1)
          lineIsEmpty = true
        } else {
          lineIsEmpty = false
        }
      }
      return ends
    }
  }
}

/** The name and data of one event's bytes, by the HTML standard's rules; comments and other fields are dropped. */
export function parseSseEvent(bytes: Buffer): { name: string; data: string } {
  let name = ''
  const data: string[] = []
  for (const line of bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
  }
  return { name, data: data.join('\n') }
}
