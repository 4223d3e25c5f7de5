import { assertNever } from '@caicaini/protocol'
import type { AnswerEvent, BlockStart, StopReason, UsageReading, WireFormat } from './neutral.js'
import { NOTHING_READ } from './usage.js'

/** A block of an answer with what it has said so far. */
export interface Block {
  readonly start: BlockStart
  readonly text: string
  readonly signature: string | null
}

/** An answer as a whole. */
export interface Answer {
  readonly model: string | null
  readonly messageId: string | null
  readonly blocks: readonly Block[]
  readonly stopReason: StopReason | null
  readonly stopSequence: string | null
  readonly reading: UsageReading
}

/** What the answer is told by: its id, the time, and the model where the provider does not name it. */
export interface AnswerContext {
  readonly id: string
  readonly nowMs: number
  readonly model: string
}

export const EMPTY_ANSWER: Answer = {
  model: null,
  messageId: null,
  blocks: [],
  stopReason: null,
  stopSequence: null,
  reading: NOTHING_READ
}

/** `answer` with one more event. */
export function addEvent(answer: Answer, event: AnswerEvent): Answer {
  switch (event.type) {
    case 'start':
      return { ...answer, messageId: event.id, model: event.model }
    case 'block_start':
      return { ...answer, blocks: [...answer.blocks, { start: event.block, text: '', signature: null }] }
    case 'block_delta':
      return onLast(answer, (block) => ({ ...block, text: block.text + event.text }))
    case 'signature':
      return onLast(answer, (block) => ({ ...block, signature: (block.signature ?? '') + event.signature }))
    case 'finish':
      return { ...answer, stopReason: event.stopReason, stopSequence: event.stopSequence }
    case 'usage':
      return { ...answer, reading: { usage: event.usage, reasoningTokens: event.reasoningTokens } }
    case 'block_stop':
    case 'end':
    case 'error':
      return answer
    default:
      return assertNever(event)
  }
}

function onLast(answer: Answer, change: (block: Block) => Block): Answer {
  const last = answer.blocks[answer.blocks.length - 1]
  return last ? { ...answer, blocks: [...answer.blocks.slice(0, -1), change(last)] } : answer
}

const PREFIXES: Readonly<Record<WireFormat, string>> = { messages: 'msg_', chat: 'chatcmpl-', responses: 'resp_' }

/** The answer's id as its client expects one to look; ours without the prefix of a request. */
export function answerId(format: WireFormat, id: string): string {
  return PREFIXES[format] + bareId(id)
}

export function bareId(id: string): string {
  return id.replace(/^[a-z]+_/, '')
}

export function seconds(nowMs: number): number {
  return Math.floor(nowMs / 1000)
}
