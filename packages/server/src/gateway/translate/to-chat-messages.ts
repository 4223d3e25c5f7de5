import { invalid, type JsonObject } from '../request/value.js'
import { urlOfSource } from './data-url.js'
import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  NeutralRequest,
  ResultPart,
  TextPart,
  ToolResultPart,
  UserPart
} from './neutral.js'
import type { ChatQuirks } from './quirks.js'
import { replayedDetails } from './reasoning-details.js'

/** Claude Code puts a block of its own first that changes with each request, and would spoil every other provider's cache. */
const CLIENT_HEADER = 'x-anthropic-billing-header'

/** What stands before the text of a tool result that is an error: the chat format has no field for it. */
export const ERROR_MARK = 'Error: '

/** The conversation as messages of OpenAI's chat format. */
export function chatMessages({ system, turns }: NeutralRequest, quirks: ChatQuirks): readonly JsonObject[] {
  const messages: JsonObject[] = []
  const instructions = system.filter(({ text }) => !text.startsWith(CLIENT_HEADER))
  if (instructions.length > 0) messages.push(systemMessage(instructions, quirks))
  for (const [i, turn] of turns.entries()) {
    switch (turn.role) {
      case 'system':
        messages.push(systemMessage(turn.parts, quirks))
        break
      case 'user':
        messages.push(...userMessages(turn.parts, quirks))
        break
      case 'assistant':
        messages.push(assistantMessage(turn.parts, isInToolRound(turns, i) && quirks.replaysReasoning))
    }
  }
  return messages
}

function systemMessage(parts: readonly TextPart[], quirks: ChatQuirks): JsonObject {
  return { role: quirks.systemRole, content: textContent(parts, quirks) }
}

function textContent(parts: readonly TextPart[], { contentParts }: ChatQuirks): unknown {
  const [only] = parts
  if (parts.length === 1 && only) return only.text
  return contentParts ? parts.map(({ text }) => ({ type: 'text', text })) : joined(parts)
}

function joined(parts: readonly TextPart[]): string {
  return parts.map(({ text }) => text).join('\n\n')
}

/** Results first, one message each, as the calls that they answer require; then what the user says beside them. */
function userMessages(parts: readonly UserPart[], quirks: ChatQuirks): readonly JsonObject[] {
  const results = parts.filter((part) => part.type === 'tool_result')
  const rest: JsonObject[] = []
  for (const result of results) rest.push(...attachments(result, quirks))
  const said = parts.filter((part) => part.type !== 'tool_result')
  const isPlain = rest.length === 0 && said.every((part) => part.type === 'text')
  const messages: JsonObject[] = results.map(toolMessage)
  if (parts.length === 0) messages.push({ role: 'user', content: '' })
  else if (isPlain && said.length > 0) messages.push({ role: 'user', content: textContent(said as TextPart[], quirks) })
  else if (said.length + rest.length > 0) {
    messages.push({ role: 'user', content: [...rest, ...said.flatMap((part) => contentPart(part, quirks))] })
  }
  return messages
}

function toolMessage({ toolCallId, content, isError }: ToolResultPart): JsonObject {
  const text = joined(content.filter((part) => part.type === 'text'))
  const marked = isError && !text.startsWith(ERROR_MARK) ? ERROR_MARK + text : text
  return { role: 'tool', tool_call_id: toolCallId, content: marked }
}

/** A tool message holds text alone: what else the tool returned follows in the user's message. */
function attachments({ toolCallId, content }: ToolResultPart, quirks: ChatQuirks): readonly JsonObject[] {
  const parts = content.filter((part) => part.type !== 'text').flatMap((part) => contentPart(part, quirks))
  return parts.length === 0 ? [] : [{ type: 'text', text: `Returned by the tool call ${toolCallId}:` }, ...parts]
}

function contentPart(part: ResultPart, quirks: ChatQuirks): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }]
    case 'image':
      return [imagePart(part, quirks)]
    case 'document':
      return documentParts(part, quirks)
  }
}

function imagePart({ source, field }: ImagePart, { images }: ChatQuirks): JsonObject {
  if (!images) throw invalid(field, 'this model takes no images; leave it out, or choose a model that does')
  return { type: 'image_url', image_url: { url: urlOfSource(source) } }
}

function documentParts({ source, title, context, field }: DocumentPart, quirks: ChatQuirks): readonly JsonObject[] {
  const before: JsonObject[] = context === null ? [] : [{ type: 'text', text: context }]
  if (source.type === 'text') {
    return [...before, { type: 'text', text: title === null ? source.text : `${title}\n\n${source.text}` }]
  }
  if (!quirks.documents) throw invalid(field, 'this model takes no PDFs; send the text, or choose a model that does')
  if (source.type === 'url') {
    throw invalid(field, "this model's provider fetches no documents; send the PDF as base64")
  }
  return [...before, { type: 'file', file: { filename: title ?? 'document.pdf', file_data: urlOfSource(source) } }]
}

function assistantMessage(parts: readonly AssistantPart[], replayedIn: ChatQuirks['replaysReasoning']): JsonObject {
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
  const calls = parts.filter((part) => part.type === 'tool_call')
  return {
    role: 'assistant',
    // Null is for a message that only calls tools.
    content: text === '' && calls.length > 0 ? null : text,
    ...(replayedIn === 'reasoning_content' && replayedText(parts)),
    ...(replayedIn === 'reasoning_details' && replayedDetails(parts)),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text === '' ? '{}' : text }
      }))
    })
  }
}

function replayedText(parts: readonly AssistantPart[]): JsonObject {
  const reasoning = parts.flatMap((part) => (part.type === 'thinking' ? [part.text] : [])).join('\n')
  return reasoning === '' ? {} : { reasoning_content: reasoning }
}

/**
 * Whether tools were called between the same two questions of the user: then DeepSeek wants the reasoning of every
 * assistant message there back, and elsewhere older models refuse it (Thinking mode, "tool calls").
 */
function isInToolRound(turns: NeutralRequest['turns'], index: number): boolean {
  let start = index
  while (start > 0 && !isQuestion(turns[start - 1])) start--
  for (let i = start; i < turns.length && !isQuestion(turns[i]); i++) {
    const turn = turns[i]
    if (turn?.role === 'assistant' && turn.parts.some((part) => part.type === 'tool_call')) return true
  }
  return false
}

function isQuestion(turn: NeutralRequest['turns'][number] | undefined): boolean {
  return turn?.role === 'user' && !turn.parts.some((part) => part.type === 'tool_result')
}
