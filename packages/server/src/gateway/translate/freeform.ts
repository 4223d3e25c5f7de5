import type { JsonObject } from '../request/value.js'
import { checkFields, type FieldTable } from './fields.js'
import { createInputReader, type InputReader } from './freeform-input.js'
import type { AnswerEvent, ToolDefinition } from './neutral.js'
import { isAbsent, readName, readObject, readOneOf, readText, readTextOrNull } from './read-values.js'

/*
 * Freeform tools, which OpenAI calls custom: the model writes a text to them and no JSON (OpenAI, function calling, "Custom tools"). No
 * other provider has them, so each is offered as a function with one text, and its calls are told as what the client knows.
 */

/** The one parameter that stands for a freeform tool's input. */
const SCHEMA: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false
}

/** Where a tool's members stand: in the request, and in the table of fields. */
interface Place {
  readonly table: FieldTable
  readonly at: string
  readonly path: string
}

/** A freeform tool as both of OpenAI's formats describe it, but for its grammar, which one of them wraps once more. */
export function readFreeformTool(given: JsonObject, place: Place): ToolDefinition {
  const { at } = place
  const grammar = isAbsent(given.format) ? null : readGrammar(readObject(given.format, `${at}.format`), place)
  const about = readTextOrNull(given.description, `${at}.description`)
  // The tool may tell the model to write no JSON: it is to know that the function's own is no breach of that.
  const how = 'Put the text into `input`, whole and as it is.'
  return {
    name: readName(given.name, `${at}.name`),
    description: [about ?? '', how, grammar ?? ''].filter((part) => part !== '').join('\n\n'),
    schema: SCHEMA,
    strict: null,
    freeform: true
  }
}

/** What the model is told of the format, for there is nobody who would hold it to a grammar; null for any text. */
function readGrammar(format: JsonObject, { table, at, path }: Place): string | null {
  checkFields(format, { table, at: `${at}.format.`, path: `${path}format.` })
  if (readOneOf(format.type, ['text', 'grammar'], `${at}.format.type`) === 'text') return null
  const isWrapped = Object.hasOwn(table, `${path}format.grammar`)
  const field = isWrapped ? `${at}.format.grammar` : `${at}.format`
  const grammar = isWrapped ? readObject(format.grammar, field) : format
  if (isWrapped) checkFields(grammar, { table, at: `${field}.`, path: `${path}format.grammar.` })
  const syntax = readOneOf(grammar.syntax, ['lark', 'regex'], `${field}.syntax`)
  const kind = syntax === 'lark' ? 'Lark grammar' : 'regular expression'
  return `The text must match this ${kind}:\n\n${readText(grammar.definition, `${field}.definition`)}`
}

/** A freeform tool's input as the arguments of the function that stands for it. */
export function freeformArguments(input: string): string {
  return JSON.stringify({ input })
}

/**
 * Turns the calls of functions that stand for `tools` into calls of freeform tools, whose text is the input itself. All other events stay.
 */
export function createFreeformCalls(tools: readonly ToolDefinition[]): (event: AnswerEvent) => readonly AnswerEvent[] {
  const names = new Set(tools.filter(({ freeform }) => freeform).map(({ name }) => name))
  let open: InputReader | null = null
  const say = (text: string): readonly AnswerEvent[] => (text === '' ? [] : [{ type: 'block_delta', text }])

  return (event) => {
    if (event.type === 'block_start' && event.block.type === 'tool_call' && names.has(event.block.name)) {
      open = createInputReader()
      return [{ type: 'block_start', block: { ...event.block, type: 'freeform_call' } }]
    }
    if (open === null) return [event]
    if (event.type === 'block_delta') return say(open.add(event.text))
    if (event.type !== 'block_stop') return [event]
    const rest = open.end()
    open = null
    return [...say(rest), event]
  }
}
