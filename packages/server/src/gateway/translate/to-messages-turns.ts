import type { JsonObject } from '../request/value.js'
import type {
  AssistantPart,
  DocumentPart,
  ImageSource,
  NeutralRequest,
  RedactedThinkingPart,
  TextPart,
  ThinkingPart,
  ToolResultPart,
  UserPart
} from './neutral.js'
import type { MessagesQuirks } from './quirks.js'
import { isSealedDetail } from './reasoning-details.js'
import { argumentsToObject } from './tool-arguments.js'

interface Converted {
  readonly messages: readonly JsonObject[]
  /** Instructions from the middle of the conversation, for a model that takes them at its head alone. */
  readonly hoisted: readonly TextPart[]
}

/** The turns as messages of Anthropic's format, those of one role that follow each other as one. */
export function anthropicMessages(turns: NeutralRequest['turns'], quirks: MessagesQuirks): Converted {
  const messages: { role: string; content: JsonObject[] }[] = []
  const hoisted: TextPart[] = []
  for (const turn of turns) {
    const last = messages[messages.length - 1]
    // "Immediately after a user turn" (Anthropic, mid-conversation system messages).
    if (turn.role === 'system' && !(quirks.systemTurns && last?.role === 'user')) {
      hoisted.push(...turn.parts)
      continue
    }
    const content = blocksOf(turn)
    if (content.length === 0) continue
    if (last?.role === turn.role) last.content.push(...content)
    else messages.push({ role: turn.role, content })
  }
  for (const message of messages) if (message.role === 'user') message.content = resultsFirst(message.content)
  return { messages, hoisted }
}

/** Anthropic wants the results of the turn before at the head of the user's. */
function resultsFirst(content: readonly JsonObject[]): JsonObject[] {
  const isResult = ({ type }: JsonObject) => type === 'tool_result'
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))]
}

function blocksOf(turn: NeutralRequest['turns'][number]): JsonObject[] {
  return turn.role === 'assistant'
    ? turn.parts.flatMap((part) => assistantBlock(part))
    : turn.parts.flatMap((part) => userBlock(part))
}

function userBlock(part: UserPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlock(part)
    case 'image':
      return [{ type: 'image', source: anthropicSource(part.source), ...cacheControl(part) }]
    case 'document':
      return [documentBlock(part)]
    case 'tool_result':
      return [resultBlock(part)]
  }
}

/** Anthropic refuses an empty text block. */
function textBlock(part: TextPart): readonly JsonObject[] {
  return part.text === '' ? [] : [{ type: 'text', text: part.text, ...cacheControl(part) }]
}

function anthropicSource(source: ImageSource): JsonObject {
  return source.type === 'url' ? { ...source } : { type: 'base64', media_type: source.mediaType, data: source.data }
}

function documentBlock(part: DocumentPart): JsonObject {
  const { source, title, context } = part
  const given =
    source.type === 'text' ? { type: 'text', media_type: 'text/plain', data: source.text } : anthropicSource(source)
  return {
    type: 'document',
    source: given,
    ...(title !== null && { title }),
    ...(context !== null && { context }),
    ...cacheControl(part)
  }
}

function resultBlock(part: ToolResultPart): JsonObject {
  const content = part.content.flatMap((item) => userBlock(item))
  return {
    type: 'tool_result',
    tool_use_id: anthropicToolId(part.toolCallId),
    ...(content.length > 0 && { content }),
    ...(part.isError && { is_error: true }),
    ...cacheControl(part)
  }
}

function assistantBlock(part: AssistantPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlock(part)
    case 'thinking':
      // Without the signature Anthropic would refuse it.
      return isSigned(part) ? [{ type: 'thinking', thinking: part.text, signature: part.signature }] : []
    case 'redacted_thinking':
      return isSigned(part) ? [{ type: 'redacted_thinking', data: part.data }] : []
    case 'tool_call':
      return [
        {
          type: 'tool_use',
          id: anthropicToolId(part.id),
          name: part.name,
          input: argumentsToObject(part.arguments),
          ...cacheControl(part)
        }
      ]
  }
}

/** Anthropic takes letters, digits, _ and - alone; Moonshot's are such as `functions.search:0`. */
function anthropicToolId(id: string): string {
  return id.replace(/[^\w-]/g, '_')
}

function cacheControl({ cacheControl: control }: { readonly cacheControl?: JsonObject }): JsonObject {
  return control ? { cache_control: control } : {}
}

/** Whether the conversation ends in tool results whose calls came without signed thinking. */
export function endsInUnsignedToolRound(turns: NeutralRequest['turns']): boolean {
  const last = turns[turns.length - 1]
  if (last?.role !== 'user' || !last.parts.some((part) => part.type === 'tool_result')) return false
  const asked = turns.findLast((turn) => turn.role === 'assistant')
  if (asked?.role !== 'assistant') return false
  return !asked.parts.some((part) => (part.type === 'redacted_thinking' || part.type === 'thinking') && isSigned(part))
}

/** Whether there is something to check reasoning by, and it is not OpenRouter's alone. */
function isSigned(part: ThinkingPart | RedactedThinkingPart): boolean {
  const signature = part.type === 'thinking' ? part.signature : part.data
  return signature !== null && signature !== '' && !isSealedDetail(signature)
}
