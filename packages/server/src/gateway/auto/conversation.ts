import { isObject, type JsonObject } from '../request/value.js'
import { stripInjected } from './human-text.js'

/** A call of a tool by the model, and what came of it. */
export interface ToolCall {
  readonly name: unknown
  /** An object, or OpenAI's text of one. */
  readonly input: unknown
  readonly failed: boolean
}

/** A conversation as far as a route is decided by it, whatever the format it came in. */
export interface Conversation {
  /** What the person wrote last, and whether an image or document stands beside it. */
  readonly text: string
  readonly hasMedia: boolean
  /** Whether the newest turn is a person's; one that only carries the results of tools is not. */
  readonly isHumanTurn: boolean
  /** What the person wrote first: it stays the same as the conversation grows. */
  readonly opening: string
  /** All calls of tools, oldest first. */
  readonly calls: readonly ToolCall[]
}

const TEXT_TYPES: readonly unknown[] = ['text', 'input_text']
const MEDIA_TYPES: readonly unknown[] = [
  'image',
  'document',
  'image_url',
  'input_image',
  'file',
  'input_file',
  'input_audio'
]

/** Anthropic's messages, those of OpenAI's Chat Completions, or the input of its Responses. */
export function messagesOf({ messages, input }: JsonObject): readonly unknown[] {
  if (Array.isArray(messages)) return messages
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  return Array.isArray(input) ? input : []
}

export function readConversation(body: JsonObject): Conversation {
  const messages = messagesOf(body)
  const newest = findHuman(messages.toReversed())
  const oldest = findHuman(messages)
  return {
    text: newest?.text ?? '',
    hasMedia: newest?.hasMedia ?? false,
    isHumanTurn: newest?.isLast === true,
    opening: oldest?.text ?? '',
    calls: callsIn(messages)
  }
}

/** What the person wrote last; turns that only carry tool results are no person's. */
export function newestHumanText(messages: unknown): { text: string; hasMedia: boolean } {
  const found = Array.isArray(messages) ? findHuman(messages.toReversed()) : undefined
  return { text: found?.text ?? '', hasMedia: found?.hasMedia ?? false }
}

interface Human {
  readonly text: string
  readonly hasMedia: boolean
  /** Whether nothing but system messages and injected text stood before it, in the order looked at. */
  readonly isLast: boolean
}

function findHuman(messages: Iterable<unknown>): Human | undefined {
  let isLast = true
  for (const message of messages) {
    if (!isObject(message)) continue
    const found = message.role === 'user' ? humanIn(message.content) : undefined
    if (found) return { ...found, isLast }
    if (!isPassedOver(message)) isLast = false
  }
  return undefined
}

/** Whether it is neither the model's nor a tool's: the harness speaks in between, too. */
function isPassedOver({ role, content }: JsonObject): boolean {
  if (role === 'system' || role === 'developer') return true
  return role === 'user' && !(Array.isArray(content) && content.some(isToolResult))
}

function isToolResult(block: unknown): boolean {
  return isObject(block) && block.type === 'tool_result'
}

function humanIn(content: unknown): { text: string; hasMedia: boolean } | undefined {
  if (typeof content === 'string') return textOnly(stripInjected(content))
  if (!Array.isArray(content)) return undefined
  const texts: string[] = []
  let hasMedia = false
  let hasResults = false
  for (const block of content) {
    if (!isObject(block)) continue
    if (TEXT_TYPES.includes(block.type) && typeof block.text === 'string') texts.push(block.text)
    else if (MEDIA_TYPES.includes(block.type)) hasMedia = true
    else if (isToolResult(block)) hasResults = true
  }
  const text = stripInjected(texts.join('\n'))
  // An image beside a tool's result and no word with it is the tool's.
  if (text === '' && (hasResults || !hasMedia)) return undefined
  return { text, hasMedia }
}

function textOnly(text: string): { text: string; hasMedia: boolean } | undefined {
  return text === '' ? undefined : { text, hasMedia: false }
}

/** Where a format does not say that a tool failed, its text begins like this. Codex gives an exit code. */
const FAILURE =
  /^\s*(?:<tool_use_error>|error\b|traceback|fatal:|exception\b|command failed|(?:process exited with |exit )code:? [1-9])|"exit_code":\s*[1-9]/i
const FAILURE_CHARS = 200

function callsIn(messages: readonly unknown[]): ToolCall[] {
  const calls: Calls = new Map()
  const failed = new Set<unknown>()
  for (const message of messages) {
    if (!isObject(message)) continue
    noteItem(message, calls, failed)
    if (Array.isArray(message.content)) for (const block of message.content) noteBlock(block, calls, failed)
    if (Array.isArray(message.tool_calls)) for (const call of message.tool_calls) noteChatCall(call, calls)
  }
  return [...calls].map(([id, { name, input }]) => ({ name, input, failed: failed.has(id) }))
}

type Calls = Map<unknown, { readonly name: unknown; readonly input: unknown }>

/** Of Anthropic's format. */
function noteBlock(block: unknown, calls: Calls, failed: Set<unknown>): void {
  if (!isObject(block)) return
  if (block.type === 'tool_use') calls.set(block.id, { name: block.name, input: block.input })
  else if (block.type === 'tool_result' && (block.is_error === true || looksFailed(block.content)))
    failed.add(block.tool_use_id)
}

const OUTPUT_TYPES: readonly unknown[] = ['function_call_output', 'custom_tool_call_output']

/** Of OpenAI's: an item of Responses, or the message that carries a tool's result in Chat Completions. */
function noteItem(item: JsonObject, calls: Calls, failed: Set<unknown>): void {
  if (item.type === 'function_call') calls.set(item.call_id, { name: item.name, input: item.arguments })
  else if (item.type === 'custom_tool_call') calls.set(item.call_id, { name: item.name, input: item.input })
  else if (OUTPUT_TYPES.includes(item.type) && looksFailed(item.output)) failed.add(item.call_id)
  else if (item.role === 'tool' && looksFailed(item.content)) failed.add(item.tool_call_id)
}

function noteChatCall(call: unknown, calls: Calls): void {
  if (!isObject(call)) return
  if (isObject(call.function)) calls.set(call.id, { name: call.function.name, input: call.function.arguments })
  else if (isObject(call.custom)) calls.set(call.id, { name: call.custom.name, input: call.custom.input })
}

function looksFailed(content: unknown): boolean {
  if (typeof content === 'string') return FAILURE.test(content.slice(0, FAILURE_CHARS))
  const first: unknown = Array.isArray(content) ? content[0] : undefined
  return isObject(first) && typeof first.text === 'string' && FAILURE.test(first.text.slice(0, FAILURE_CHARS))
}
