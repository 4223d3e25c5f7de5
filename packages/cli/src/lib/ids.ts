import { randomBytes } from 'node:crypto'

const HEX = 16
const TIME_BYTES = 6

/** `prefix_` and a UUID of version 7 (RFC 9562, 5.7): what comes later sorts later. */
export function newId(prefix: string, nowMs: number, random: Uint8Array = randomBytes(10)): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(nowMs, 0, TIME_BYTES)
  bytes.set(random, TIME_BYTES)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${prefix}_${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, HEX), hex.slice(HEX, 20), hex.slice(20)].join('-')}`
}
