import { isObject, type JsonObject } from '../request/value.js'
import { textOrNull } from '../usage/anthropic-usage.js'
import type { AnswerEvent, BlockStart } from './neutral.js'
import { stopReasonOfMessages } from './stop-reason.js'
import { argumentsToText } from './tool-arguments.js'
import { NOTHING_READ, setMessagesUsage } from './usage.js'

/** Turns a provider's events into an answer's; what it has told is never told again. */
export interface Decoder {
  /** One event of the stream, by its name (empty where it has none) and its data. */
  read(name: string, data: string): readonly AnswerEvent[]
  /** The stream has ended: what that makes of it, where its last event never came. */
  close(): readonly AnswerEvent[]
}

/** Reads a stream of Anthropic's format. Blocks that nobody else knows are left out. */
export function createMessagesDecoder(): Decoder {
  let reading = NOTHING_READ
  let open = false

  function takeUsage(usage: unknown): readonly AnswerEvent[] {
    if (!isObject(usage)) return []
    reading = setMessagesUsage(reading, usage)
    return [{ type: 'usage', ...reading }]
  }

  function start({ message }: JsonObject): readonly AnswerEvent[] {
    if (!isObject(message)) return []
    const id = textOrNull(message.id)
    return [{ type: 'start', id, model: textOrNull(message.model) }, ...takeUsage(message.usage)]
  }

  function startBlock({ content_block: block }: JsonObject): readonly AnswerEvent[] {
    const begun = isObject(block) ? blockStart(block) : null
    open = begun !== null
    if (begun === null || !isObject(block)) return []
    // A block may bring its first words with it.
    const text = typeof block.text === 'string' ? block.text : block.thinking
    const first: AnswerEvent[] = typeof text === 'string' && text !== '' ? [{ type: 'block_delta', text }] : []
    return [{ type: 'block_start', block: begun }, ...first]
  }

  function delta({ delta: part }: JsonObject): readonly AnswerEvent[] {
    if (!open || !isObject(part)) return []
    if (part.type === 'signature_delta' && typeof part.signature === 'string') {
      return [{ type: 'signature', signature: part.signature }]
    }
    const text = part.text ?? part.thinking ?? part.partial_json
    return typeof text === 'string' && text !== '' ? [{ type: 'block_delta', text }] : []
  }

  function stopBlock(): readonly AnswerEvent[] {
    if (!open) return []
    open = false
    return [{ type: 'block_stop' }]
  }

  return {
    read(name, data) {
      const event = parseObject(data)
      switch (name === '' ? event.type : name) {
        case 'message_start':
          return start(event)
        case 'content_block_start':
          return startBlock(event)
        case 'content_block_delta':
          return delta(event)
        case 'content_block_stop':
          return stopBlock()
        case 'message_delta':
          return [...takeUsage(event.usage), ...finishOf(isObject(event.delta) ? event.delta : {})]
        case 'message_stop':
          return [{ type: 'end' }]
        case 'error':
          return [{ type: 'error', error: errorOf(event.error) }]
        default:
          return []
      }
    },
    close: () => []
  }
}

/** A whole answer of Anthropic's format as the events that it would have been. */
export function eventsOfMessage(json: JsonObject): readonly AnswerEvent[] {
  const blocks = Array.isArray(json.content) ? json.content.filter(isObject) : []
  return [
    { type: 'start', id: textOrNull(json.id), model: textOrNull(json.model) },
    ...blocks.flatMap((block) => eventsOfBlock(block)),
    { type: 'usage', ...setMessagesUsage(NOTHING_READ, json.usage) },
    ...finishOf(json),
    { type: 'end' }
  ]
}

function eventsOfBlock(block: JsonObject): readonly AnswerEvent[] {
  const begun = blockStart(block)
  if (begun === null) return []
  const text = begun.type === 'tool_call' ? argumentsToText(block.input) : (block.text ?? block.thinking)
  return [
    { type: 'block_start', block: begun },
    ...(typeof text === 'string' && text !== '' ? [{ type: 'block_delta' as const, text }] : []),
    ...(typeof block.signature === 'string' ? [{ type: 'signature' as const, signature: block.signature }] : []),
    { type: 'block_stop' }
  ]
}

function blockStart(block: JsonObject): BlockStart | null {
  switch (block.type) {
    case 'text':
    case 'thinking':
      return { type: block.type }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: textOrNull(block.data) ?? '' }
    case 'tool_use':
      return { type: 'tool_call', id: textOrNull(block.id) ?? '', name: textOrNull(block.name) ?? '' }
    default:
      return null
  }
}

function finishOf(from: JsonObject): readonly AnswerEvent[] {
  if (from.stop_reason === undefined || from.stop_reason === null) return []
  const stopReason = stopReasonOfMessages(from.stop_reason)
  return [...refusalOf(from.stop_details), { type: 'finish', stopReason, stopSequence: textOrNull(from.stop_sequence) }]
}

/** Why the model refused, which OpenAI's formats have a place for in the answer itself. */
function refusalOf(details: unknown): readonly AnswerEvent[] {
  if (!isObject(details) || typeof details.explanation !== 'string' || details.explanation === '') return []
  return [
    { type: 'block_start', block: { type: 'refusal' } },
    { type: 'block_delta', text: details.explanation },
    { type: 'block_stop' }
  ]
}

export function errorOf(error: unknown): { type: string; message: string } {
  const { type, message } = isObject(error) ? error : { type: undefined, message: undefined }
  return { type: textOrNull(type) ?? 'api_error', message: textOrNull(message) ?? 'The provider reported an error' }
}

export function parseObject(data: string): JsonObject {
  try {
    const value: unknown = JSON.parse(data)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
