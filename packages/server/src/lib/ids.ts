import type { Clock } from './clock.js'
import type { Random } from './random.js'

export type IdPrefix =
  | 'acct'
  | 'key'
  | 'req'
  | 'grant'
  | 'inst'
  | 'op'
  | 'evt'
  | 'sub'
  | 'chg'
  | 'sess'
  | 'dev'
  | 'exp'
  | 'dreq'
  | 'mail'
  | 'std'
  | 'flag'
  | 'msg'

/** Makes `prefix_` + UUIDv7 as 32 hex digits: sortable by time, and double-clickable as one word. */
export interface Ids {
  next(prefix: IdPrefix): string
}

// RFC 9562: 48 bits of time, version 7, 12 bits that count within a millisecond, variant 2, 62 random bits.
export function createIds({ clock, random }: { clock: Clock; random: Random }): Ids {
  let lastMs = 0
  let counter = 0
  let pool = random.bytes(1024)
  let offset = 0

  function take(length: number): Buffer {
    if (offset + length > pool.length) {
      pool = random.bytes(1024)
      offset = 0
    }
    const bytes = Buffer.from(pool.subarray(offset, offset + length))
    offset += length
    return bytes
  }

  return {
    next(prefix) {
      const nowMs = Math.max(clock.nowMs(), lastMs)
      counter = nowMs === lastMs ? counter + 1 : take(1).readUInt8()
      // A millisecond with more ids than the counter holds borrows the next one: order is kept.
      lastMs = counter > 0xfff ? nowMs + 1 : nowMs
      if (counter > 0xfff) counter = 0
      const tail = take(8)
      tail[0] = (tail.readUInt8() & 0x3f) | 0x80
      const time = lastMs.toString(16).padStart(12, '0')
      const sequence = (0x7000 | counter).toString(16)
      return `${prefix}_${time}${sequence}${tail.toString('hex')}`
    }
  }
}
