import { invalid, type JsonObject, show } from '../request/value.js'
import { sourceOfUrl } from './data-url.js'
import { checkFields } from './fields.js'
import { freeformArguments } from './freeform.js'
import type { AssistantPart, DocumentPart, NeutralRequest, ResultPart, TextPart, Turn, UserPart } from './neutral.js'
import { pdfSource } from './read-chat-messages.js'
import {
  isAbsent,
  readList,
  readName,
  readObject,
  readOneOf,
  readText,
  readTextOrNull,
  textPart
} from './read-values.js'
import { RESPONSES_FIELDS } from './responses-fields.js'
import { openReasoning } from './sealed-reasoning.js'

/** The input of a Responses request: a text, or its items as turns; instructions at the head apart. */
export function readInput(input: unknown): Pick<NeutralRequest, 'system' | 'turns'> {
  if (typeof input === 'string') return { system: [], turns: [{ role: 'user', parts: [textPart(input)] }] }
  const system: TextPart[] = []
  const turns: Turn[] = []
  for (const [i, value] of readList(input, 'input').entries()) {
    const turn = readItem(readObject(value, `input[${i}]`), `input[${i}]`)
    if (turn === null) continue
    if (turn.role === 'system' && turns.length === 0) system.push(...turn.parts)
    else addTurn(turns, turn)
  }
  if (turns.length === 0) throw invalid('input', 'must be a text, or hold at least one message')
  return { system, turns }
}

/** Items of one turn are one turn: reasoning, what was said and what was called belong together. */
function addTurn(turns: Turn[], turn: Turn): void {
  const last = turns[turns.length - 1]
  if (last?.role === 'assistant' && turn.role === 'assistant') {
    turns[turns.length - 1] = { role: 'assistant', parts: [...last.parts, ...turn.parts] }
  } else if (last?.role === 'user' && turn.role === 'user') {
    turns[turns.length - 1] = { role: 'user', parts: [...last.parts, ...turn.parts] }
  } else turns.push(turn)
}

function readItem(item: JsonObject, at: string): Turn | null {
  // A message may come without its type.
  const type = isAbsent(item.type) && !isAbsent(item.role) ? 'message' : readName(item.type, `${at}.type`)
  const whole = Object.hasOwn(RESPONSES_FIELDS, `input[${type}]`) ? RESPONSES_FIELDS[`input[${type}]`] : undefined
  if (whole?.how === 'refused') throw invalid(at, `an item of type "${type}" cannot be carried: ${whole.note}`)
  if (!Object.hasOwn(RESPONSES_FIELDS, `input[${type}].type`)) {
    throw invalid(`${at}.type`, `${show(type)} cannot be carried: ${RESPONSES_FIELDS['input[other]']?.note}`)
  }
  checkFields(item, { table: RESPONSES_FIELDS, at: `${at}.`, path: `input[${type}].` })
  switch (type) {
    case 'message':
      return readMessage(item, at)
    case 'function_call':
    case 'custom_tool_call':
      return { role: 'assistant', parts: [readCall(item, at)] }
    case 'additional_tools':
      // Read with the others.
      return null
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { role: 'user', parts: [readOutput(item, at)] }
    default:
      return readReasoning(item, at)
  }
}

function readMessage(item: JsonObject, at: string): Turn {
  const parts = readParts(item.content, `${at}.content`)
  switch (readOneOf(item.role, ['user', 'assistant', 'system', 'developer'], `${at}.role`)) {
    case 'user':
      return { role: 'user', parts }
    case 'assistant':
      return { role: 'assistant', parts: onlyTexts(parts, at) }
    case 'system':
    case 'developer':
      return { role: 'system', parts: onlyTexts(parts, at) }
  }
}

function onlyTexts(parts: readonly ResultPart[], at: string): readonly TextPart[] {
  return parts.map((part, i) => {
    if (part.type !== 'text') throw invalid(`${at}.content[${i}].type`, 'must be text here')
    return part
  })
}

function readParts(content: unknown, field: string): readonly ResultPart[] {
  if (typeof content === 'string') return [textPart(content)]
  if (!Array.isArray(content)) throw invalid(field, `must be a text or a list of parts, got ${show(content)}`)
  return content.map((value, i) => readPart(readObject(value, `${field}[${i}]`), `${field}[${i}]`))
}

function readPart(part: JsonObject, at: string): ResultPart {
  const type = readName(part.type, `${at}.type`)
  if (!Object.hasOwn(RESPONSES_FIELDS, `content[${type}].type`)) {
    throw invalid(`${at}.type`, `${show(type)} cannot be carried; send text, an image or a PDF`)
  }
  checkFields(part, { table: RESPONSES_FIELDS, at: `${at}.`, path: `content[${type}].` })
  switch (type) {
    case 'input_text':
    case 'output_text':
      return textPart(readText(part.text, `${at}.text`))
    case 'refusal':
      return textPart(readText(part.refusal, `${at}.refusal`))
    case 'input_image':
      return { type: 'image', source: sourceOfUrl(part.image_url, `${at}.image_url`), field: at }
    default:
      return readFile(part, at)
  }
}

function readFile(part: JsonObject, at: string): DocumentPart {
  const source = isAbsent(part.file_url)
    ? pdfSource(part.file_data, `${at}.file_data`)
    : sourceOfUrl(part.file_url, `${at}.file_url`)
  return { type: 'document', source, title: readTextOrNull(part.filename, `${at}.filename`), context: null, field: at }
}

/** The name by which a model knows a tool of a group, for neither format of a provider has groups. */
export function groupedName(namespace: string | null, name: string): string {
  return namespace === null || namespace === '' ? name : `${namespace}__${name}`
}

function readCall(item: JsonObject, at: string): AssistantPart {
  const namespace = readTextOrNull(item.namespace, `${at}.namespace`)
  return {
    type: 'tool_call',
    id: readName(item.call_id, `${at}.call_id`),
    name: groupedName(namespace, readName(item.name, `${at}.name`)),
    arguments:
      item.type === 'custom_tool_call'
        ? freeformArguments(readText(item.input, `${at}.input`))
        : (readTextOrNull(item.arguments, `${at}.arguments`) ?? '')
  }
}

function readOutput(item: JsonObject, at: string): UserPart {
  return {
    type: 'tool_result',
    toolCallId: readName(item.call_id, `${at}.call_id`),
    content: readParts(item.output, `${at}.output`),
    isError: false
  }
}

/** Null where there is nothing of it that could be replayed. */
function readReasoning(item: JsonObject, at: string): Turn | null {
  const sealed = readTextOrNull(item.encrypted_content, `${at}.encrypted_content`)
  const opened = sealed === null ? undefined : openReasoning(sealed)
  if (opened) return { role: 'assistant', parts: [opened] }
  const pieces = [...readList(item.content, `${at}.content`), ...readList(item.summary, `${at}.summary`)]
  const text = pieces
    .map((piece, i) => readText(readObject(piece, `${at}[${i}]`).text, `${at}[${i}].text`))
    .join('\n\n')
  return text === '' ? null : { role: 'assistant', parts: [{ type: 'thinking', text, signature: null }] }
}
