import type { JsonObject } from '../request/value.js'
import { type Answer, type AnswerContext, answerId, type Block, bareId, seconds } from './answer.js'
import type { NeutralRequest } from './neutral.js'
import { sealReasoning } from './sealed-reasoning.js'
import { responseStatusOf } from './stop-reason.js'
import { responsesUsageOf } from './usage.js'

type Tools = NeutralRequest['tools']

/** What a Responses answer is told by. */
export interface ResponseAbout {
  readonly context: AnswerContext
  readonly echo: JsonObject
  readonly tools: Tools
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

const ITEM_PREFIX = {
  text: 'msg_',
  refusal: 'msg_',
  thinking: 'rs_',
  redacted_thinking: 'rs_',
  tool_call: 'fc_',
  freeform_call: 'ctc_'
} as const

export function itemId({ start }: Pick<Block, 'start'>, context: AnswerContext, index: number): string {
  return `${ITEM_PREFIX[start.type]}${bareId(context.id)}_${index}`
}

/** One block as an output item; while it is in progress it is empty. */
export function outputItem(
  block: Block,
  { id, status, tools }: { readonly id: string; readonly status: ItemStatus; readonly tools: Tools }
): JsonObject {
  const { start, text, signature } = block
  const begun = status !== 'in_progress'
  switch (start.type) {
    case 'text':
    case 'refusal':
      return { id, type: 'message', status, role: 'assistant', content: begun ? [contentPart(block)] : [] }
    case 'thinking': {
      const sealed = sealReasoning({ type: 'thinking', text, signature })
      return { id, type: 'reasoning', summary: summaryOf(text), ...(begun && { encrypted_content: sealed }) }
    }
    case 'redacted_thinking': {
      const sealed = sealReasoning({ type: 'redacted_thinking', data: start.data })
      return { id, type: 'reasoning', summary: [], ...(begun && { encrypted_content: sealed }) }
    }
    case 'tool_call':
      return {
        id,
        type: 'function_call',
        status,
        call_id: start.id,
        ...calledAs(start.name, tools),
        arguments: begun && text === '' ? '{}' : text
      }
    case 'freeform_call':
      return { id, type: 'custom_tool_call', status, call_id: start.id, ...calledAs(start.name, tools), input: text }
  }
}

/** A tool of a group is told as the client knows it. */
function calledAs(name: string, tools: Tools): JsonObject {
  return { ...(tools.find((tool) => tool.name === name)?.grouped ?? { name }) }
}

export function contentPart({ start, text }: Block): JsonObject {
  return start.type === 'refusal'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations: [], logprobs: [] }
}

function summaryOf(text: string): readonly JsonObject[] {
  return text === '' ? [] : [{ type: 'summary_text', text }]
}

/** The response's own fields around its output, with what the request said repeated, as OpenAI does. */
export function responseHead(
  { model }: Pick<Answer, 'model'>,
  { context, echo }: Pick<ResponseAbout, 'context' | 'echo'>
): JsonObject {
  return {
    id: answerId('responses', context.id),
    object: 'response',
    created_at: seconds(context.nowMs),
    background: false,
    error: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: null,
    truncation: 'disabled',
    ...echo,
    model: model ?? context.model
  }
}

/** A whole answer in OpenAI's Responses format. */
export function responseOf(answer: Answer, about: ResponseAbout): JsonObject {
  const { context, tools } = about
  const { blocks, stopReason, reading } = answer
  const hasRefusal = blocks.some(({ start }) => start.type === 'refusal')
  // OpenAI ends an answer whose part says why it was refused as completed; one that was filtered away, as incomplete.
  const status = responseStatusOf(hasRefusal ? 'end_turn' : (stopReason ?? 'end_turn'))
  const last = blocks.length - 1
  return {
    ...responseHead(answer, about),
    ...status,
    output: blocks.map((block, i) =>
      outputItem(block, { id: itemId(block, context, i), status: i === last ? status.status : 'completed', tools })
    ),
    usage: responsesUsageOf(reading)
  }
}
