import { isObject, isWhole, type JsonObject } from '../request/value.js'
import type { AnswerEvent } from './neutral.js'
import { createObjectWatch } from './tool-arguments.js'

interface Call {
  readonly index: number | null
  readonly watch: ReturnType<typeof createObjectWatch>
  id: string | null
  name: string
  /** Arguments that came and were not told yet. */
  waiting: string
  begun: boolean
}

/**
 * Calls of tools as a chat stream brings them, told one after another. Parts of parallel calls may interleave, and other formats
 * have no place for that: the first call is told as it comes, the next from when the one before it is whole.
 */
export interface CallQueue {
  take(delta: JsonObject): readonly AnswerEvent[]
  /** Tells what still waits: nothing more of these calls will come. */
  flush(): readonly AnswerEvent[]
  /** Whether there ever was a call. */
  any(): boolean
}

export function createCallQueue(answerId: string): CallQueue {
  const queue: Call[] = []
  /** Calls that were told whole, by their index: what still comes for one is blank space. */
  const told = new Set<number | null>()
  let count = 0

  function callOf(delta: JsonObject, name: unknown): Call | undefined {
    const index = isWhole(delta.index, 0) ? delta.index : null
    const id = typeof delta.id === 'string' && delta.id !== '' ? delta.id : null
    const known = queue.findLast((call) => (index === null ? true : call.index === index))
    if (known === undefined && id === null && told.has(index)) return undefined
    // Some providers number every call 0 and tell them apart by their ids; others change the id with each part.
    const isAnother =
      known && id !== null && known.id !== null && id !== known.id && typeof name === 'string' && name !== ''
    if (known && !isAnother) return known
    const call: Call = { index, watch: createObjectWatch(), id, name: '', waiting: '', begun: false }
    queue.push(call)
    count++
    return call
  }

  /** Begins the first call that waits, and tells what it has. */
  function tell(call: Call, isLast: boolean): readonly AnswerEvent[] {
    const events: AnswerEvent[] = []
    if (!call.begun) {
      if (call.name === '' && !isLast) return []
      call.begun = true
      const id = call.id ?? `call_${answerId}_${count - queue.length}`
      events.push({ type: 'block_start', block: { type: 'tool_call', id, name: call.name } })
    }
    if (call.waiting !== '') events.push({ type: 'block_delta', text: call.waiting })
    call.waiting = ''
    return events
  }

  function advance(): readonly AnswerEvent[] {
    const events: AnswerEvent[] = []
    for (let [first] = queue; first; [first] = queue) {
      events.push(...tell(first, false))
      if (queue.length === 1 || !first.begun || !first.watch.isWhole()) break
      events.push({ type: 'block_stop' })
      told.add(first.index)
      queue.shift()
    }
    return events
  }

  return {
    take(delta) {
      const given = isObject(delta.function) ? delta.function : isObject(delta.custom) ? delta.custom : {}
      // A custom tool's input stands where a function has arguments; only what passes through untranslated has one.
      const { name, arguments: text = given.input }: JsonObject = given
      const call = callOf(delta, name)
      if (call === undefined) return []
      if (typeof delta.id === 'string' && delta.id !== '') call.id ??= delta.id
      if (typeof name === 'string' && !call.begun) call.name = name === '' ? call.name : name
      const added = typeof text === 'string' ? text : isObject(text) ? JSON.stringify(text) : ''
      call.waiting += added
      call.watch.add(added)
      return advance()
    },
    flush() {
      const events: AnswerEvent[] = []
      for (let [first] = queue; first; [first] = queue) {
        events.push(...tell(first, true), { type: 'block_stop' })
        queue.shift()
      }
      return events
    },
    any: () => count > 0
  }
}
