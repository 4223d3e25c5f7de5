import { invalid, isObject, type JsonObject, show } from '../request/value.js'
import { checkFields } from './fields.js'
import { readFreeformTool } from './freeform.js'
import type { ToolDefinition } from './neutral.js'
import { readFunction } from './read-chat.js'
import { groupedName } from './read-responses-input.js'
import { readList, readName, readObject, readOneOf, readTextOrNull } from './read-values.js'
import { RESPONSES_FIELDS } from './responses-fields.js'

/**
 * The tools of a Responses request: those that it names, and those that items of its input add, which are offered from the start
 * and stand for what has the same name before them.
 */
export function readTools({ tools, input }: JsonObject): readonly ToolDefinition[] {
  const items = Array.isArray(input) ? input : []
  const added = items.flatMap((item, i) => (isAdditional(item) ? readToolList(item.tools, `input[${i}].tools`) : []))
  const given = readToolList(tools, 'tools')
  if (added.length === 0) return given
  return [...new Map([...given, ...added].map((tool) => [tool.name, tool])).values()]
}

function isAdditional(item: unknown): item is JsonObject {
  return isObject(item) && item.type === 'additional_tools'
}

function readToolList(value: unknown, field: string): readonly ToolDefinition[] {
  return readList(value, field).flatMap((tool, i) => readTool(tool, `${field}[${i}]`))
}

function readTool(value: unknown, at: string): readonly ToolDefinition[] {
  const tool = readObject(value, at)
  if (tool.type === 'namespace') return readNamespace(tool, at)
  if (typeof tool.type === 'string' && RESPONSES_FIELDS[`tools[${tool.type}]`]?.how === 'ignored') return []
  return [readOwnTool(tool, at)]
}

/** A group of tools: each is offered by a name that holds the group's. */
function readNamespace(group: JsonObject, at: string): readonly ToolDefinition[] {
  checkFields(group, { table: RESPONSES_FIELDS, at: `${at}.`, path: 'tools[namespace].' })
  const namespace = readName(group.name, `${at}.name`)
  const about = readTextOrNull(group.description, `${at}.description`)
  return readList(group.tools, `${at}.tools`).map((value, i) => {
    const tool = readOwnTool(readObject(value, `${at}.tools[${i}]`), `${at}.tools[${i}]`)
    const description = i === 0 && about ? [about, tool.description ?? ''].join('\n\n').trim() : tool.description
    const { name } = tool
    return { ...tool, name: groupedName(namespace, name), description, grouped: { namespace, name } }
  })
}

/** A tool that the client runs: a function, or one that takes a text. */
function readOwnTool(tool: JsonObject, at: string): ToolDefinition {
  if (tool.type !== 'function' && tool.type !== 'custom') {
    throw invalid(`${at}.type`, `${show(tool.type)} is not served; send a function of your own (type "function")`)
  }
  const path = tool.type === 'custom' ? 'tools[custom].' : 'tools[].'
  checkFields(tool, { table: RESPONSES_FIELDS, at: `${at}.`, path })
  for (const [j, caller] of readList(tool.allowed_callers, `${at}.allowed_callers`).entries()) {
    readOneOf(caller, ['direct'], `${at}.allowed_callers[${j}]`)
  }
  return tool.type === 'custom' ? readFreeformTool(tool, { table: RESPONSES_FIELDS, at, path }) : readFunction(tool, at)
}
