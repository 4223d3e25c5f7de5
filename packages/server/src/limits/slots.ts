import { assert } from '../lib/assert.js'

/** How much of one key is under way. */
export interface Taken {
  readonly requests: number
  /** Those among them that are streamed. */
  readonly streams: number
}

const NONE: Taken = { requests: 0, streams: 0 }

export type Slots = ReturnType<typeof createSlots>

/** Requests under way by key; a key without any is not remembered. */
export function createSlots() {
  const taken = new Map<string, { requests: number; streams: number }>()

  return {
    /** Keys that have requests under way. */
    get size() {
      return taken.size
    },

    of: (keyId: string): Taken => taken.get(keyId) ?? NONE,

    take(keyId: string, { stream }: { stream: boolean }): void {
      const slots = taken.get(keyId) ?? { requests: 0, streams: 0 }
      taken.set(keyId, slots)
      slots.requests++
      if (stream) slots.streams++
    },

    /** Once for each `take`, with the same arguments. */
    giveBack(keyId: string, { stream }: { stream: boolean }): void {
      const slots = taken.get(keyId)
      assert(slots !== undefined && slots.streams >= Number(stream), 'a slot was given back twice')
      slots.requests--
      if (stream) slots.streams--
      if (slots.requests === 0) taken.delete(keyId)
    }
  }
}
