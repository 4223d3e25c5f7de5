import { tokenizerOf } from '../request/estimate.js'
import { isObject } from '../request/value.js'
import { parseSseEvent } from '../usage/sse-scanner.js'
import type { TapOutput, UsageTap } from '../usage/tap.js'
import { createChatDecoder } from './decode-chat.js'
import { parseObject } from './decode-messages.js'
import { DONE_FRAME } from './encode-chat.js'
import { createEventBuffer } from './event-buffer.js'
import { createWatch, withReadings } from './stream.js'

export interface ChatTapOptions {
  /** Whether the client did not ask for the last chunk, the one with usage alone: then it is withheld. */
  readonly stripUsage: boolean
  /** Stands in for the input's count where the provider gives none. */
  readonly inputTokensEstimated?: number
  readonly eventBytesMax?: number
}

const NOTHING: TapOutput = { forward: null, final: null, error: null }

/**
 * Reads along a stream of OpenAI's chat format without changing a byte of it, but for the chunk that `stripUsage` withholds.
 * From the chunk with usage alone on, everything is held back as `final`, with `[DONE]`; a `[DONE]` that never comes is added.
 */
export function createChatTap({ stripUsage, inputTokensEstimated = 0, eventBytesMax }: ChatTapOptions): UsageTap {
  const buffer = createEventBuffer(eventBytesMax)
  // Its blocks are only counted here: no id of a call is told.
  const decoder = createChatDecoder({ answerId: '', stop: [] })
  const watch = createWatch(inputTokensEstimated, tokenizerOf('chat'))
  let held: Uint8Array[] | null = null
  let over = false
  let failed = false

  function take(bytes: Buffer, forward: Uint8Array[]): TapOutput | null {
    const { data } = parseSseEvent(bytes)
    const isUsage = data !== '' && isUsageAlone(data)
    if (isUsage) held ??= []
    if (!(isUsage && stripUsage)) (held ?? forward).push(bytes)
    if (data === '') return null
    for (const event of decoder.read('', data)) {
      watch.note(event)
      if (event.type === 'error') {
        failed = true
        // Its bytes are not given out.
        return { forward: joined(forward.filter((given) => given !== bytes)), final: null, error: event.error }
      }
      if (event.type === 'end') return end(forward, bytes)
    }
    return null
  }

  function end(forward: Uint8Array[], bytes: Uint8Array | null): TapOutput {
    over = true
    watch.finish()
    const final = held ?? (bytes ? [bytes] : [])
    return {
      forward: joined(held || bytes === null ? forward : forward.slice(0, -1)),
      final: Buffer.concat(bytes ? final : [...final, Buffer.from(DONE_FRAME)]),
      error: null
    }
  }

  const tap = {
    push(chunk: Uint8Array): TapOutput {
      if (failed) return NOTHING
      if (over) return { forward: chunk.length > 0 ? chunk : null, final: null, error: null }
      const forward: Uint8Array[] = []
      const events = buffer.take(chunk)
      for (const [i, bytes] of events.entries()) {
        const output = take(bytes, forward)
        // What came with the final event belongs behind it.
        if (output?.final)
          return { ...output, final: Buffer.concat([output.final, ...events.slice(i + 1), buffer.rest()]) }
        if (output) return output
      }
      return { forward: joined(forward), final: null, error: null }
    },
    close(): TapOutput {
      if (failed || over) return NOTHING
      const forward: Uint8Array[] = []
      const rest = buffer.rest()
      const output = rest.length > 0 ? take(rest, forward) : null
      if (output) return output
      const isEnd = decoder.close().length > 0
      if (!isEnd) return NOTHING
      watch.note({ type: 'end' })
      return end(forward, null)
    }
  }
  return withReadings(tap, watch)
}

/** OpenAI: "the last chunk … with an empty choices array" and the usage of the whole request. */
function isUsageAlone(data: string): boolean {
  if (!data.includes('"usage"')) return false
  const { choices, usage } = parseObject(data)
  return Array.isArray(choices) && choices.length === 0 && isObject(usage)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array | null {
  const [first] = pieces
  if (first === undefined) return null
  return pieces.length === 1 ? first : Buffer.concat(pieces)
}
