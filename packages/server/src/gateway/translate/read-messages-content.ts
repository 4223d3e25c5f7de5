import { invalid, type JsonObject, show } from '../request/value.js'
import { checkFields } from './fields.js'
import { MESSAGES_FIELDS } from './messages-fields.js'
import type {
  AssistantPart,
  DocumentPart,
  ImagePart,
  ImageSource,
  ResultPart,
  TextPart,
  ToolResultPart,
  UserPart
} from './neutral.js'
import {
  cacheOf,
  isAbsent,
  readFlag,
  readList,
  readName,
  readObject,
  readOneOf,
  readText,
  readTextOrNull,
  textPart
} from './read-values.js'
import { argumentsToText } from './tool-arguments.js'

export function readUserParts(content: unknown, field: string): readonly UserPart[] {
  return readBlocks(content, field).map(({ block, at }) =>
    block.type === 'tool_result' ? readToolResult(block, at) : readResultPart(block, at)
  )
}

export function readAssistantParts(content: unknown, field: string): readonly AssistantPart[] {
  return readBlocks(content, field).map(({ block, at }) => readAssistantPart(block, at))
}

/** A text, or a list of text blocks; `path` says whose fields they are. */
export function readTextParts(content: unknown, field: string, path: string): readonly TextPart[] {
  if (typeof content === 'string') return [textPart(content)]
  return readList(content, field).map((value, i) => {
    const at = `${field}[${i}]`
    const block = readObject(value, at)
    readOneOf(block.type, ['text'], `${at}.type`)
    checkFields(block, { table: MESSAGES_FIELDS, at: `${at}.`, path })
    return textPart(readText(block.text, `${at}.text`), block.cache_control)
  })
}

interface Block {
  readonly block: JsonObject
  readonly at: string
}

function readBlocks(content: unknown, field: string): readonly Block[] {
  if (typeof content === 'string') return [{ block: { type: 'text', text: content }, at: field }]
  if (!Array.isArray(content)) throw invalid(field, `must be a text or a list of blocks, got ${show(content)}`)
  return content.map((value, i) => {
    const at = `${field}[${i}]`
    const block = readObject(value, at)
    const type = readName(block.type, `${at}.type`)
    const whole = Object.hasOwn(MESSAGES_FIELDS, `content[${type}]`) ? MESSAGES_FIELDS[`content[${type}]`] : undefined
    if (whole?.how === 'refused') throw invalid(at, `a block of type "${type}" cannot be carried: ${whole.note}`)
    if (!Object.hasOwn(MESSAGES_FIELDS, `content[${type}].type`)) {
      throw invalid(`${at}.type`, `${show(type)} is not known here, and this model is reached by translation`)
    }
    checkFields(block, { table: MESSAGES_FIELDS, at: `${at}.`, path: `content[${type}].` })
    return { block, at }
  })
}

function readResultPart(block: JsonObject, at: string): ResultPart {
  switch (block.type) {
    case 'text':
      return textPart(readText(block.text, `${at}.text`), block.cache_control)
    case 'image':
      return readImage(block, at)
    case 'document':
      return readDocument(block, at)
    default:
      throw invalid(`${at}.type`, `${show(block.type)} has no place here`)
  }
}

function readAssistantPart(block: JsonObject, at: string): AssistantPart {
  switch (block.type) {
    case 'text':
      return textPart(readText(block.text, `${at}.text`), block.cache_control)
    case 'thinking':
      return {
        type: 'thinking',
        text: readText(block.thinking, `${at}.thinking`),
        signature: readTextOrNull(block.signature, `${at}.signature`)
      }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: readText(block.data, `${at}.data`) }
    case 'tool_use':
      return {
        type: 'tool_call',
        id: readName(block.id, `${at}.id`),
        name: readName(block.name, `${at}.name`),
        arguments: argumentsToText(block.input),
        ...cacheOf(block.cache_control)
      }
    default:
      throw invalid(`${at}.type`, `${show(block.type)} has no place in an assistant's turn`)
  }
}

function readToolResult(block: JsonObject, at: string): ToolResultPart {
  const field = `${at}.content`
  const content = isAbsent(block.content) ? [] : readBlocks(block.content, field)
  return {
    type: 'tool_result',
    toolCallId: readName(block.tool_use_id, `${at}.tool_use_id`),
    content: content.map(({ block: part, at: where }) => readResultPart(part, where)),
    isError: readFlag(block.is_error, `${at}.is_error`) ?? false,
    ...cacheOf(block.cache_control)
  }
}

function readImage(block: JsonObject, at: string): ImagePart {
  const source = readSource(block.source, `${at}.source`)
  return { type: 'image', source, field: at, ...cacheOf(block.cache_control) }
}

function readSource(value: unknown, field: string): ImageSource {
  const source = readObject(value, field)
  checkFields(source, { table: MESSAGES_FIELDS, at: `${field}.`, path: 'source.' })
  if (readOneOf(source.type, ['base64', 'url'], `${field}.type`) === 'url') {
    return { type: 'url', url: readName(source.url, `${field}.url`) }
  }
  return {
    type: 'base64',
    mediaType: readName(source.media_type, `${field}.media_type`),
    data: readText(source.data, `${field}.data`)
  }
}

function readDocument(block: JsonObject, at: string): DocumentPart {
  const field = `${at}.source`
  const source = readObject(block.source, field)
  checkFields(source, { table: MESSAGES_FIELDS, at: `${field}.`, path: 'source.' })
  return {
    type: 'document',
    source: readDocumentSource(source, field),
    title: readTextOrNull(block.title, `${at}.title`),
    context: readTextOrNull(block.context, `${at}.context`),
    field: at,
    ...cacheOf(block.cache_control)
  }
}

function readDocumentSource(source: JsonObject, field: string): DocumentPart['source'] {
  if (source.type === 'text') return { type: 'text', text: readText(source.data, `${field}.data`) }
  if (source.type !== 'content') return readSource(source, field)
  const parts = readTextParts(source.content, `${field}.content`, 'content[text].')
  return { type: 'text', text: parts.map(({ text }) => text).join('\n\n') }
}
