import type { JsonObject } from '../request/value.js'
import type { Block } from './answer.js'
import { contentPart } from './responses-items.js'

/** An event's name and its members beside type and sequence number. */
export type ResponsesEvent = readonly [type: string, members: JsonObject]

/** Where an item stands in the output. */
export interface Place {
  readonly item_id: string
  readonly output_index: number
}

/** The part of an item that opens as its block does. */
export function openPart(block: Block, place: Place): readonly ResponsesEvent[] {
  switch (block.start.type) {
    case 'text':
    case 'refusal':
      return [['response.content_part.added', { ...place, content_index: 0, part: contentPart(block) }]]
    case 'thinking': {
      const part = { type: 'summary_text', text: '' }
      return [['response.reasoning_summary_part.added', { ...place, summary_index: 0, part }]]
    }
    case 'tool_call':
    case 'freeform_call':
    case 'redacted_thinking':
      return []
  }
}

export function partDelta({ start }: Block, place: Place, delta: string): readonly ResponsesEvent[] {
  switch (start.type) {
    case 'text':
      return [['response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] }]]
    case 'refusal':
      return [['response.refusal.delta', { ...place, content_index: 0, delta }]]
    case 'thinking':
      return [['response.reasoning_summary_text.delta', { ...place, summary_index: 0, delta }]]
    case 'tool_call':
      return [['response.function_call_arguments.delta', { ...place, delta }]]
    case 'freeform_call':
      return [['response.custom_tool_call_input.delta', { ...place, delta }]]
    case 'redacted_thinking':
      return []
  }
}

export function closePart(block: Block, place: Place): readonly ResponsesEvent[] {
  const { start, text } = block
  const content = { ...place, content_index: 0 }
  const partDone: ResponsesEvent = ['response.content_part.done', { ...content, part: contentPart(block) }]
  switch (start.type) {
    case 'text':
      return [['response.output_text.done', { ...content, text, logprobs: [] }], partDone]
    case 'refusal':
      return [['response.refusal.done', { ...content, refusal: text }], partDone]
    case 'thinking': {
      const summary = { ...place, summary_index: 0 }
      return [
        ['response.reasoning_summary_text.done', { ...summary, text }],
        ['response.reasoning_summary_part.done', { ...summary, part: { type: 'summary_text', text } }]
      ]
    }
    case 'tool_call':
      return [['response.function_call_arguments.done', { ...place, arguments: text === '' ? '{}' : text }]]
    case 'freeform_call':
      return [['response.custom_tool_call_input.done', { ...place, input: text }]]
    case 'redacted_thinking':
      return []
  }
}
