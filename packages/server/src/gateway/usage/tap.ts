import { AppError } from '@caicaini/protocol'
import { NO_USAGE, totalInput, type Usage } from '../../catalog/price.js'
import { createTextCounter } from '../request/estimate.js'
import { isObject } from '../request/value.js'
import { setUsage, textOrNull } from './anthropic-usage.js'
import { createSseScanner, parseSseEvent } from './sse-scanner.js'

const EVENT_BYTES_MAX = 16 * 1024 * 1024
const DELTA_LINE = Buffer.from('event: content_block_delta\n')
const DELTA = Buffer.from('"delta"')
/** The fields of a delta that hold output; a signature is no output. */
const OUTPUT_FIELDS = ['"text"', '"thinking"', '"partial_json"'].map((name) => Buffer.from(name))

/** An `error` event of the upstream, which is not forwarded. */
export interface StreamError {
  readonly type: string
  readonly message: string
}

/** What one chunk brought: together, in this order, exactly the upstream's bytes up to an error. */
export interface TapOutput {
  /** Bytes of whole events that may go to the client now. */
  readonly forward: Uint8Array | null
  /** `message_stop` and what came with it: held back by the caller until the settle. Given once. */
  readonly final: Uint8Array | null
  readonly error: StreamError | null
}

/** Reads along a stream of Anthropic's format without changing a byte of it. */
export interface UsageTap {
  /**
   * Takes the next bytes. An event is kept until it is whole; one that never is, is never given out.
   * After `error` nothing is. Throws `AppError('upstream_error')` on an event beyond the limit.
   */
  push(chunk: Uint8Array): TapOutput
  /**
   * The upstream's stream is over. Gives the `final` that was not given yet, where the upstream left its
   * last event out but has said why it stopped.
   */
  close(): TapOutput
  readonly usage: Usage
  /** Whether the upstream has counted the input, as none is without; else, once the stream is over, `usage` is an estimate. */
  readonly usageSeen: boolean
  readonly stopReason: string | null
  readonly model: string | null
  readonly messageId: string | null
  readonly sawFinal: boolean
  readonly firstContentSeen: boolean
  /** Calls of tools at the provider that were seen in the answer so far, before the upstream's own count. */
  readonly toolCallsSeen: Usage['toolCalls']
  /** An estimate of the output given out so far, for a bill before the upstream's own count. */
  readonly deliveredTextTokens: number
}

const NOTHING: TapOutput = { forward: null, final: null, error: null }

export function createUsageTap({
  eventBytesMax = EVENT_BYTES_MAX,
  inputTokensEstimated = 0
}: {
  eventBytesMax?: number
  /** Stands in for a count that the upstream does not give. */
  inputTokensEstimated?: number
} = {}): UsageTap {
  const scanner = createSseScanner()
  const reader = createEventReader()
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  let failed = false

  function keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    pending.push(bytes)
    pendingBytes += bytes.length
    if (pendingBytes > eventBytesMax)
      throw new AppError('upstream_error', 'The provider sent an event that is too large')
  }

  function takeWhole(chunk: Uint8Array, ends: readonly number[]): TapOutput {
    const offset = pendingBytes
    const buffer = offset === 0 ? viewOf(chunk) : Buffer.concat([...pending, chunk])
    pending = []
    pendingBytes = 0
    let start = 0
    for (const endInChunk of ends) {
      const end = endInChunk + offset
      const verdict = reader.read(buffer, start, end)
      if (verdict === 'final') return { forward: slice(buffer, 0, start), final: buffer.subarray(start), error: null }
      if (verdict === 'error') {
        failed = true
        return { forward: slice(buffer, 0, start), final: null, error: reader.state.error }
      }
      start = end
    }
    keep(buffer.subarray(start))
    return { forward: slice(buffer, 0, start), final: null, error: null }
  }

  return {
    push(chunk) {
      if (failed) return NOTHING
      // What follows the final event is passed on as it comes.
      if (reader.state.sawFinal) return { forward: slice(chunk, 0, chunk.length), final: null, error: null }
      const ends = scanner.scan(chunk)
      if (ends.length > 0) return takeWhole(chunk, ends)
      keep(chunk)
      return NOTHING
    },
    close: () => NOTHING,
    get usage() {
      const { usage, usageSeen, sawFinal } = reader.state
      if (usageSeen || !sawFinal) return usage
      const outputTokens = usage.outputTokens || reader.deliveredTextTokens()
      return { ...usage, inputTokens: inputTokensEstimated, outputTokens }
    },
    get usageSeen() {
      return reader.state.usageSeen
    },
    get stopReason() {
      return reader.state.stopReason
    },
    get model() {
      return reader.state.model
    },
    get messageId() {
      return reader.state.messageId
    },
    get sawFinal() {
      return reader.state.sawFinal
    },
    get firstContentSeen() {
      return reader.state.firstContentSeen
    },
    get toolCallsSeen() {
      return reader.state.toolCallsSeen
    },
    get deliveredTextTokens() {
      return reader.deliveredTextTokens()
    }
  }
}

interface ReaderState {
  usage: Usage
  usageSeen: boolean
  stopReason: string | null
  model: string | null
  messageId: string | null
  sawFinal: boolean
  firstContentSeen: boolean
  toolCallsSeen: Record<string, number>
  error: StreamError | null
}

function createEventReader() {
  const counter = createTextCounter('claude')
  const state: ReaderState = {
    usage: NO_USAGE,
    usageSeen: false,
    stopReason: null,
    model: null,
    messageId: null,
    sawFinal: false,
    firstContentSeen: false,
    toolCallsSeen: {},
    error: null
  }

  function takeUsage(usage: unknown): void {
    state.usage = setUsage(state.usage, usage)
    // No request is without input: a count of zero is a placeholder of the upstream's.
    if (totalInput(state.usage) > 0) state.usageSeen = true
  }

  function readDelta(event: Buffer): 'forward' {
    state.firstContentSeen = true
    const range = findOutput(event)
    if (range) counter.addJsonBytes(event, range.start, range.end)
    return 'forward'
  }

  function noteBlock(block: unknown): void {
    state.firstContentSeen = true
    if (!isObject(block) || block.type !== 'server_tool_use' || typeof block.name !== 'string') return
    state.toolCallsSeen = { ...state.toolCallsSeen, [block.name]: (state.toolCallsSeen[block.name] ?? 0) + 1 }
  }

  function readNamed(name: string, data: string): 'forward' | 'final' | 'error' {
    if (name === 'message_stop') {
      state.sawFinal = true
      return 'final'
    }
    if (name === 'error') {
      state.error = readError(data)
      return 'error'
    }
    if (name === 'content_block_start') noteBlock(parseObject(data).content_block)
    if (name !== 'message_start' && name !== 'message_delta') return 'forward'
    const event = parseObject(data)
    if (name === 'message_start' && isObject(event.message)) {
      state.model = textOrNull(event.message.model)
      state.messageId = textOrNull(event.message.id)
      takeUsage(event.message.usage)
    } else if (name === 'message_delta') {
      if (isObject(event.delta)) state.stopReason = textOrNull(event.delta.stop_reason) ?? state.stopReason
      takeUsage(event.usage)
    }
    return 'forward'
  }

  return {
    state,
    deliveredTextTokens: () => counter.tokens(),
    read(buffer: Buffer, start: number, end: number): 'forward' | 'final' | 'error' {
      const event = buffer.subarray(start, end)
      // Nearly every event is a delta: it is not parsed.
      if (startsWith(event, DELTA_LINE)) return readDelta(event)
      const { name, data } = parseSseEvent(event)
      // A client dispatches by the event's name; the data's own type stands in where an upstream leaves it out.
      const type = name === '' && data !== '' ? (textOrNull(parseObject(data).type) ?? '') : name
      return type === 'content_block_delta' ? readDelta(event) : readNamed(type, data)
    }
  }
}

/** The inside of the string that a delta adds to the output, escapes and all. */
function findOutput(event: Buffer): { start: number; end: number } | undefined {
  const from = event.indexOf(DELTA)
  if (from === -1) return undefined
  for (const field of OUTPUT_FIELDS) {
    for (let at = event.indexOf(field, from); at !== -1; at = event.indexOf(field, at + 1)) {
      let start = skipSpace(event, at + field.length)
      // A quoted word that no colon follows is a value, such as the type.
      if (event[start] !== 0x3a) continue
      start = skipSpace(event, start + 1)
      if (event[start] !== 0x22) continue
      return { start: start + 1, end: stringEnd(event, start + 1) }
    }
  }
  return undefined
}

function skipSpace(event: Buffer, from: number): number {
  let at = from
  while (event[at] === 0x20) at++
  return at
}

function stringEnd(event: Buffer, from: number): number {
  let at = from
  while (at < event.length && event[at] !== 0x22) at += event[at] === 0x5c ? 2 : 1
  return Math.min(at, event.length)
}

function readError(data: string): StreamError {
  const { error } = parseObject(data)
  const { type, message } = isObject(error) ? error : { type: undefined, message: undefined }
  return { type: textOrNull(type) ?? 'api_error', message: textOrNull(message) ?? 'The provider reported an error' }
}

function parseObject(data: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(data)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function startsWith(event: Buffer, prefix: Buffer): boolean {
  return event.length >= prefix.length && event.compare(prefix, 0, prefix.length, 0, prefix.length) === 0
}

function slice(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  return end > start ? bytes.subarray(start, end) : null
}

function viewOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
