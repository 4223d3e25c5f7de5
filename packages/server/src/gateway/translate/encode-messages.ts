import type { JsonObject } from '../request/value.js'
import { type Answer, type AnswerContext, answerId, type Block } from './answer.js'
import type { AnswerEvent, BlockStart, StopReason, UsageReading } from './neutral.js'
import { argumentsToObject } from './tool-arguments.js'
import { messagesUsageOf, NOTHING_READ } from './usage.js'

/** Writes an answer's events as the frames of a stream. */
export interface Encoder {
  write(event: AnswerEvent): string
  /** Once the answer is over: what may go out still, and what is held back until it is billed. */
  end(reading: UsageReading): { readonly forward: string; readonly final: string }
}

function frame(event: JsonObject & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

/**
 * Writes Anthropic's stream. `message_start` waits for the first block, so that it carries the input's count where the provider
 * gives it that early; `inputTokensEstimated` stands in until `message_delta` sets the true one.
 */
export function createMessagesEncoder(
  context: AnswerContext,
  { inputTokensEstimated }: { inputTokensEstimated: number }
): Encoder {
  let model: string | null = null
  let reading = NOTHING_READ
  let started = false
  let index = -1
  let open: BlockStart['type'] | null = null
  let stop: { stopReason: StopReason; stopSequence: string | null } = { stopReason: 'end_turn', stopSequence: null }

  function start(): string {
    if (started) return ''
    started = true
    const estimated = { ...reading, usage: { ...reading.usage, inputTokens: inputTokensEstimated } }
    const isCounted = reading.usage.inputTokens + reading.usage.cacheReadTokens > 0
    const message = { ...messageHead(context, model), content: [], stop_reason: null, stop_sequence: null }
    const usage = messagesUsageOf(isCounted ? reading : estimated)
    return frame({ type: 'message_start', message: { ...message, usage } })
  }

  function delta(text: string): string {
    return frame({ type: 'content_block_delta', index, delta: deltaOf(open, text) })
  }

  return {
    write(event) {
      switch (event.type) {
        case 'start':
          model = event.model
          return ''
        case 'usage':
          reading = event
          return ''
        case 'block_start':
          index++
          open = event.block.type
          return start() + frame({ type: 'content_block_start', index, content_block: emptyBlock(event.block) })
        case 'block_delta':
          return delta(event.text)
        case 'signature':
          return frame({
            type: 'content_block_delta',
            index,
            delta: { type: 'signature_delta', signature: event.signature }
          })
        case 'block_stop':
          return frame({ type: 'content_block_stop', index })
        case 'finish':
          stop = event
          return start()
        default:
          return ''
      }
    },
    end(reading) {
      const delta = { stop_reason: stop.stopReason, stop_sequence: stop.stopSequence }
      const told = frame({ type: 'message_delta', delta, usage: messagesUsageOf(reading) })
      return { forward: start() + told, final: frame({ type: 'message_stop' }) }
    }
  }
}

function messageHead(context: AnswerContext, model: string | null): JsonObject {
  return { id: answerId('messages', context.id), type: 'message', role: 'assistant', model: model ?? context.model }
}

function emptyBlock(start: BlockStart): JsonObject {
  return blockOf({ start, text: '', signature: null })
}

/** A refusal is text here, told apart by the stop reason. */
function blockOf({ start, text, signature }: Block): JsonObject {
  switch (start.type) {
    case 'text':
    case 'refusal':
      return { type: 'text', text }
    case 'thinking':
      // A provider of another format signs nothing; the field is required.
      return { type: 'thinking', thinking: text, signature: signature ?? '' }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: start.data }
    case 'tool_call':
      return { type: 'tool_use', id: start.id, name: start.name, input: argumentsToObject(text) }
    case 'freeform_call':
      // No client of this format can offer one.
      return { type: 'tool_use', id: start.id, name: start.name, input: { input: text } }
  }
}

function deltaOf(open: BlockStart['type'] | null, text: string): JsonObject {
  if (open === 'thinking') return { type: 'thinking_delta', thinking: text }
  if (open === 'tool_call') return { type: 'input_json_delta', partial_json: text }
  return { type: 'text_delta', text }
}

/** A whole answer in Anthropic's format. */
export function messageOf(answer: Answer, context: AnswerContext): JsonObject {
  return {
    ...messageHead(context, answer.model),
    content: answer.blocks.map(blockOf),
    stop_reason: answer.stopReason ?? 'end_turn',
    stop_sequence: answer.stopSequence,
    usage: messagesUsageOf(answer.reading)
  }
}
