import type { JsonObject } from '../request/value.js'
import { type Answer, type AnswerContext, answerId, type Block, seconds } from './answer.js'
import type { Encoder } from './encode-messages.js'
import type { AnswerEvent, BlockStart, CallStart } from './neutral.js'
import { finishReasonOf } from './stop-reason.js'
import { chatUsageOf } from './usage.js'

export const DONE_FRAME = 'data: [DONE]\n\n'

/**
 * Writes OpenAI's chat stream. Reasoning is `reasoning_content`, as DeepSeek and Moonshot call it, and signed reasoning comes whole in
 * `thinking_blocks`, as LiteLLM calls it, so that a client which sends its messages back as they came replays it: once, before
 * the end, for of a field that it does not know OpenAI's own client keeps the last delta alone.
 */
export function createChatEncoder(context: AnswerContext, { includeUsage }: { includeUsage: boolean }): Encoder {
  const head = { id: answerId('chat', context.id), object: 'chat.completion.chunk', created: seconds(context.nowMs) }
  let model: string | null = null
  let started = false
  let open: { start: BlockStart; text: string; signature: string | null } | null = null
  let callIndex = -1
  const signed: JsonObject[] = []

  function chunk(choices: readonly JsonObject[], usage: JsonObject | null): string {
    // OpenAI: with include_usage "all other chunks will also include a usage field, but with a null value".
    const told = includeUsage ? { usage } : {}
    return `data: ${JSON.stringify({ ...head, model: model ?? context.model, choices, ...told })}\n\n`
  }

  function say(delta: JsonObject, finishReason: string | null = null): string {
    const first = started ? {} : { role: 'assistant', content: '' }
    started = true
    return chunk([{ index: 0, delta: { ...first, ...delta }, logprobs: null, finish_reason: finishReason }], null)
  }

  function startBlock(start: BlockStart): string {
    open = { start, text: '', signature: null }
    if (start.type !== 'tool_call' && start.type !== 'freeform_call') return ''
    callIndex++
    return say({ tool_calls: [{ index: callIndex, ...callOf(start, '') }] })
  }

  function addText(text: string): string {
    if (open === null) return ''
    open.text += text
    return say(textDelta(open.start.type, text, callIndex))
  }

  function stopBlock(): string {
    if (open === null) return ''
    const block = open
    open = null
    // Clients parse what they have joined: no arguments are the empty object.
    if (block.start.type === 'tool_call' && block.text === '') return say(textDelta('tool_call', '{}', callIndex))
    const thought = thinkingBlock(block)
    if (thought) signed.push(thought)
    return ''
  }

  return {
    write(event: AnswerEvent) {
      switch (event.type) {
        case 'start':
          model = event.model
          return ''
        case 'block_start':
          return startBlock(event.block)
        case 'block_delta':
          return addText(event.text)
        case 'signature':
          if (open) open.signature = (open.signature ?? '') + event.signature
          return ''
        case 'block_stop':
          return stopBlock()
        case 'finish':
          return (signed.length > 0 ? say({ thinking_blocks: signed }) : '') + say({}, finishReasonOf(event.stopReason))
        default:
          return ''
      }
    },
    end: (reading) => ({ forward: '', final: (includeUsage ? chunk([], chatUsageOf(reading)) : '') + DONE_FRAME })
  }
}

function textDelta(type: BlockStart['type'], text: string, callIndex: number): JsonObject {
  if (type === 'tool_call') return { tool_calls: [{ index: callIndex, function: { arguments: text } }] }
  if (type === 'freeform_call') return { tool_calls: [{ index: callIndex, custom: { input: text } }] }
  if (type === 'thinking') return { reasoning_content: text }
  return type === 'refusal' ? { refusal: text } : { content: text }
}

/** Reasoning that its provider wants back unchanged; unsigned reasoning needs no block beside its text. */
function thinkingBlock({ start, text, signature }: Block): JsonObject | null {
  if (start.type === 'redacted_thinking') return { type: 'redacted_thinking', data: start.data }
  return start.type === 'thinking' && signature ? { type: 'thinking', thinking: text, signature } : null
}

/** A whole answer in OpenAI's chat format. */
export function chatOf(answer: Answer, context: AnswerContext): JsonObject {
  const { blocks, reading, stopReason } = answer
  const textOf = (type: BlockStart['type']) => {
    const texts = blocks.filter(({ start }) => start.type === type).map(({ text }) => text)
    return texts.length === 0 ? null : texts.join('')
  }
  const reasoning = textOf('thinking')
  const signed = blocks.map(thinkingBlock).filter((block) => block !== null)
  const calls = blocks.flatMap(toolCall)
  return {
    id: answerId('chat', context.id),
    object: 'chat.completion',
    created: seconds(context.nowMs),
    model: answer.model ?? context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: textOf('text'),
          refusal: textOf('refusal'),
          ...(reasoning !== null && { reasoning_content: reasoning }),
          ...(signed.length > 0 && { thinking_blocks: signed }),
          ...(calls.length > 0 && { tool_calls: calls })
        },
        logprobs: null,
        finish_reason: finishReasonOf(stopReason ?? 'end_turn')
      }
    ],
    usage: chatUsageOf(reading)
  }
}

function toolCall({ start, text }: Block): readonly JsonObject[] {
  if (start.type === 'freeform_call') return [callOf(start, text)]
  return start.type === 'tool_call' ? [callOf(start, text === '' ? '{}' : text)] : []
}

function callOf({ type, id, name }: CallStart, text: string): JsonObject {
  return type === 'tool_call'
    ? { id, type: 'function', function: { name, arguments: text } }
    : { id, type: 'custom', custom: { name, input: text } }
}
