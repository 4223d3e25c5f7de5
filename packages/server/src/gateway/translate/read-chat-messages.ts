import { invalid, isObject, type JsonObject, show } from '../request/value.js'
import { CHAT_FIELDS } from './chat-fields.js'
import { sourceOfUrl } from './data-url.js'
import { checkFields } from './fields.js'
import { freeformArguments } from './freeform.js'
import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  NeutralRequest,
  RedactedThinkingPart,
  ResultPart,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  Turn,
  UserPart
} from './neutral.js'
import {
  cacheOf,
  isAbsent,
  readList,
  readName,
  readObject,
  readOneOf,
  readText,
  readTextOrNull,
  textPart
} from './read-values.js'

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const

/** The messages of a chat request: instructions at the head apart, the rest as turns. */
export function readChatConversation(messages: unknown): Pick<NeutralRequest, 'system' | 'turns'> {
  const system: TextPart[] = []
  const turns: Turn[] = []
  for (const [i, value] of readList(messages, 'messages').entries()) {
    const at = `messages[${i}]`
    const message = readObject(value, at)
    checkFields(message, { table: CHAT_FIELDS, at: `${at}.`, path: 'messages[].' })
    switch (readOneOf(message.role, ROLES, `${at}.role`)) {
      case 'system':
      case 'developer': {
        const parts = markLast(readTexts(message.content, `${at}.content`), message)
        if (turns.length === 0) system.push(...parts)
        else turns.push({ role: 'system', parts })
        break
      }
      case 'user':
        turns.push({ role: 'user', parts: markLast(readParts(message.content, `${at}.content`), message) })
        break
      case 'assistant':
        turns.push({ role: 'assistant', parts: markLast(readAssistant(message, at), message) })
        break
      case 'tool':
        turns.push(readToolMessage(message, at))
    }
  }
  if (turns.length === 0) throw invalid('messages', 'must hold at least one message besides the instructions')
  return { system, turns }
}

function readToolMessage(message: JsonObject, at: string): Turn {
  const toolCallId = readName(message.tool_call_id, `${at}.tool_call_id`)
  const content = readParts(message.content, `${at}.content`)
  return {
    role: 'user',
    parts: [{ type: 'tool_result', toolCallId, content, isError: false, ...cacheOf(message.cache_control) }]
  }
}

/** A cache mark on a whole message stands on its last part; reasoning bears none. */
function markLast<T extends AssistantPart | UserPart>(parts: readonly T[], message: JsonObject): readonly T[] {
  const last = parts.findLastIndex(({ type }) => type !== 'thinking' && type !== 'redacted_thinking')
  return parts.map((part, i) => (i === last ? { ...part, ...cacheOf(message.cache_control) } : part))
}

/** A text, or a list of parts. */
function readParts(content: unknown, field: string): readonly ResultPart[] {
  if (typeof content === 'string') return [textPart(content)]
  if (!Array.isArray(content)) throw invalid(field, `must be a text or a list of parts, got ${show(content)}`)
  return content.map((value, i) => {
    const at = `${field}[${i}]`
    const part = readTypedPart(value, at)
    switch (part.type) {
      case 'text':
        return textPart(readText(part.text, `${at}.text`), part.cache_control)
      case 'refusal':
        return textPart(readText(part.refusal, `${at}.refusal`))
      case 'image_url':
        return readImage(part, at)
      default:
        return readFile(part, at)
    }
  })
}

function readTypedPart(value: unknown, at: string): JsonObject {
  const part = readObject(value, at)
  const type = readName(part.type, `${at}.type`)
  const whole = Object.hasOwn(CHAT_FIELDS, `content[${type}]`) ? CHAT_FIELDS[`content[${type}]`] : undefined
  if (whole?.how === 'refused') throw invalid(at, `a part of type "${type}" cannot be carried: ${whole.note}`)
  if (!Object.hasOwn(CHAT_FIELDS, `content[${type}].type`)) {
    throw invalid(`${at}.type`, `${show(type)} is not known here, and this model is reached by translation`)
  }
  checkFields(part, { table: CHAT_FIELDS, at: `${at}.`, path: `content[${type}].` })
  return part
}

function readImage(part: JsonObject, at: string): ImagePart {
  const field = `${at}.image_url`
  const image = readObject(part.image_url, field)
  checkFields(image, { table: CHAT_FIELDS, at: `${field}.`, path: 'image_url.' })
  return { type: 'image', source: sourceOfUrl(image.url, `${field}.url`), field: at, ...cacheOf(part.cache_control) }
}

function readFile(part: JsonObject, at: string): DocumentPart {
  const field = `${at}.file`
  const file = readObject(part.file, field)
  checkFields(file, { table: CHAT_FIELDS, at: `${field}.`, path: 'file.' })
  return {
    type: 'document',
    source: pdfSource(file.file_data, `${field}.file_data`),
    title: readTextOrNull(file.filename, `${field}.filename`),
    context: null,
    field: at,
    ...cacheOf(part.cache_control)
  }
}

/** Base64 with or without its `data:` head: both are documented. */
export function pdfSource(data: unknown, field: string): DocumentPart['source'] {
  const text = readName(data, field)
  if (!text.startsWith('data:')) return { type: 'base64', mediaType: 'application/pdf', data: text }
  const source = sourceOfUrl(text, field)
  if (source.type === 'base64' && source.mediaType !== 'application/pdf') {
    throw invalid(field, `must be a PDF, got ${source.mediaType}; send a text as text`)
  }
  return source
}

/** Content that can be nothing but text. */
function readTexts(content: unknown, field: string): readonly TextPart[] {
  return readParts(content, field).map((part, i) => {
    if (part.type !== 'text') throw invalid(`${field}[${i}].type`, 'must be text here')
    return part
  })
}

/** Reasoning first, then what it said, then what it called: the order in which models write. */
function readAssistant(message: JsonObject, at: string): readonly AssistantPart[] {
  const said = isAbsent(message.content) ? [] : readTexts(message.content, `${at}.content`)
  const refusal = readTextOrNull(message.refusal, `${at}.refusal`)
  const calls = readList(message.tool_calls, `${at}.tool_calls`).map((call, i) =>
    readCall(call, `${at}.tool_calls[${i}]`)
  )
  return [
    ...readThinking(message, at),
    ...said.filter(({ text }) => text !== ''),
    ...(refusal === null ? [] : [textPart(refusal)]),
    ...calls
  ]
}

function readThinking(message: JsonObject, at: string): readonly (ThinkingPart | RedactedThinkingPart)[] {
  const blocks = readList(message.thinking_blocks, `${at}.thinking_blocks`)
  if (blocks.length > 0) return blocks.map((block, i) => readThinkingBlock(block, `${at}.thinking_blocks[${i}]`))
  const { reasoning_content: content, reasoning } = message
  const text = typeof content === 'string' ? content : reasoning
  return typeof text === 'string' && text !== '' ? [{ type: 'thinking', text, signature: null }] : []
}

function readThinkingBlock(value: unknown, at: string): ThinkingPart | RedactedThinkingPart {
  const block = readObject(value, at)
  if (block.type === 'redacted_thinking') return { type: block.type, data: readText(block.data, `${at}.data`) }
  readOneOf(block.type, ['thinking'], `${at}.type`)
  const signature = readTextOrNull(block.signature, `${at}.signature`)
  return { type: 'thinking', text: readText(block.thinking, `${at}.thinking`), signature }
}

function readCall(value: unknown, at: string): ToolCallPart {
  const call = readObject(value, at)
  checkFields(call, { table: CHAT_FIELDS, at: `${at}.`, path: 'messages[].tool_calls[].' })
  const type = isAbsent(call.type) ? 'function' : readOneOf(call.type, ['function', 'custom'], `${at}.type`)
  if (type === 'custom') return readCustomCall(call, at)
  const given = readObject(call.function, `${at}.function`)
  checkFields(given, { table: CHAT_FIELDS, at: `${at}.function.`, path: 'messages[].tool_calls[].function.' })
  const { name, arguments: text } = given
  return {
    type: 'tool_call',
    id: readName(call.id, `${at}.id`),
    name: readName(name, `${at}.function.name`),
    // Some clients send the arguments as an object.
    arguments: isObject(text) ? JSON.stringify(text) : (readTextOrNull(text, `${at}.function.arguments`) ?? ''),
    ...cacheOf(call.cache_control)
  }
}

function readCustomCall(call: JsonObject, at: string): ToolCallPart {
  const given = readObject(call.custom, `${at}.custom`)
  checkFields(given, { table: CHAT_FIELDS, at: `${at}.custom.`, path: 'messages[].tool_calls[].custom.' })
  return {
    type: 'tool_call',
    id: readName(call.id, `${at}.id`),
    name: readName(given.name, `${at}.custom.name`),
    arguments: freeformArguments(readText(given.input, `${at}.custom.input`)),
    ...cacheOf(call.cache_control)
  }
}
