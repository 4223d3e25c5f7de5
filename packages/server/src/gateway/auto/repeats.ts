import type { ToolCall } from './conversation.js'

const LOOKED_AT = 6
const ALIKE_MIN = 3

/** Whether the model runs in circles: of its last six calls three failed, or three were one and the same. */
export function isStuck(calls: readonly ToolCall[]): boolean {
  const last = calls.slice(-LOOKED_AT)
  if (last.length < ALIKE_MIN) return false
  if (last.filter(({ failed }) => failed).length >= ALIKE_MIN) return true
  const counts = new Map<string, number>()
  for (const call of last) {
    const what = textOf(call)
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return Math.max(...counts.values()) >= ALIKE_MIN
}

function textOf({ name, input }: ToolCall): string {
  return `${String(name)} ${typeof input === 'string' ? input : (JSON.stringify(input) ?? '')}`
}
