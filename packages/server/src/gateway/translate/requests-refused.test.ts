import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../request/value.js'
import { CHAT_FIELDS } from './chat-fields.js'
import type { FieldTable } from './fields.js'
import { MESSAGES_FIELDS } from './messages-fields.js'
import { CHAT_QUIRKS, type ChatPreset } from './quirks.js'
import { readChat } from './read-chat.js'
import { readMessages } from './read-messages.js'
import { readResponses } from './read-responses.js'
import { RESPONSES_FIELDS } from './responses-fields.js'
import { toChat } from './to-chat.js'
import { toMessages } from './to-messages.js'

const messages = (over: JsonObject = {}) => ({
  model: 'm',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hi' }],
  ...over
})
const chat = (over: JsonObject = {}) => ({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...over })
const responses = (over: JsonObject = {}) => ({ model: 'm', input: 'Hi', ...over })

const asChat = (body: JsonObject, preset: ChatPreset = 'openai') =>
  toChat(readMessages(body), { upstreamModel: 'up', maxTokens: 100, quirks: CHAT_QUIRKS[preset] })
const asMessages = (body: JsonObject, upstreamModel = 'claude-opus-4-7', maxTokens = 100) =>
  toMessages(readChat(body), { upstreamModel, maxTokens })

const refusal = (param: string) => expect.objectContaining({ code: 'invalid_request', details: { param } })

describe('a field that cannot be carried is 400 and named', () => {
  const readers: readonly [string, FieldTable, (body: JsonObject) => unknown, (over: JsonObject) => JsonObject][] = [
    ['messages', MESSAGES_FIELDS, readMessages, messages],
    ['chat', CHAT_FIELDS, readChat, chat],
    ['responses', RESPONSES_FIELDS, readResponses, responses]
  ]

  test.each(readers)('%s: every refused field at the top, and none that is not', (_, table, read, body) => {
    for (const [field, rule] of Object.entries(table)) {
      if (/[.[]/.test(field) || rule.how !== 'refused') continue
      expect(() => read(body({ [field]: 'other' })), field).toThrow(refusal(field))
      for (const value of [null, [], {}, ...(rule.unless ?? [])]) {
        expect(() => read(body({ [field]: value })), field).not.toThrow()
      }
    }
    expect(() => read(body({ new_field: 1 }))).toThrow(refusal('new_field'))
    expect(() => read(body({ constructor: 1 }))).toThrow(refusal('constructor'))
  })

  test.each(readers)('%s: what is ignored may be anything', (_, table, read, body) => {
    for (const [field, rule] of Object.entries(table)) {
      if (/[.[]/.test(field) || rule.how !== 'ignored') continue
      for (const value of ['x', 1, true, [1], { a: 1 }]) {
        expect(() => read(body({ [field]: value })), field).not.toThrow()
      }
    }
  })

  const block = (content: unknown) =>
    messages({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, content] }] })
  test.each([
    [{ type: 'search_result', source: 's', title: 't', content: [] }, 'messages[0].content[1]'],
    [{ type: 'new_block' }, 'messages[0].content[1].type'],
    [{ type: 'text', text: 'a', new_field: 1 }, 'messages[0].content[1].new_field'],
    [{ type: 'image', source: { type: 'file', file_id: 'f' } }, 'messages[0].content[1].source.file_id'],
    [{ type: 'tool_use', id: 'a', name: 'b', input: {} }, 'messages[0].content[1].type']
  ])('a block of Anthropic: %j', (content, field) => {
    expect(() => readMessages(block(content))).toThrow(refusal(field))
  })

  test.each([
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type'],
    [{ tools: [{ name: 'a', input_schema: {}, defer_loading: true }] }, 'tools[0].defer_loading'],
    [{ output_config: { task_budget: 1 } }, 'output_config.task_budget'],
    [{ stop_sequences: [1] }, 'stop_sequences[0]']
  ])('elsewhere in a request of Anthropic: %j', (over, field) => {
    expect(() => readMessages(messages(over))).toThrow(refusal(field))
  })

  test.each([
    [{ n: 2 }, 'n'],
    [{ tools: [{ type: 'custom', custom: { name: 'a', strict: true } }] }, 'tools[0].custom.strict'],
    [
      { tools: [{ type: 'custom', custom: { name: 'a', format: { type: 'grammar', grammar: { syntax: 'bnf' } } } }] },
      'tools[0].custom.format.grammar.syntax'
    ],
    [{ tool_choice: { type: 'allowed_tools' } }, 'tool_choice.type'],
    [{ messages: [{ role: 'function', name: 'f', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }, 'messages[0].content[0]'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'ftp://x' } }] }] },
      'messages[0].content[0].image_url.url'
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] },
      'messages[0].content[0].file.file_id'
    ]
  ])('of OpenAI’s chat format: %j', (over, field) => {
    expect(() => readChat(chat(over))).toThrow(refusal(field))
  })

  test.each([
    [{ store: true }, 'store'],
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ background: true }, 'background'],
    [{ tools: [{ type: 'file_search' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'custom', name: 'a', defer_loading: true }] }, 'tools[0].defer_loading'],
    [
      { tools: [{ type: 'custom', name: 'a', format: { type: 'grammar', syntax: 'lark' } }] },
      'tools[0].format.definition'
    ],
    [{ input: [{ type: 'custom_tool_call', call_id: 'c', name: 'a' }] }, 'input[0].input'],
    [{ input: [{ type: 'item_reference', id: 'x' }] }, 'input[0]'],
    [{ input: [{ type: 'computer_call_output', call_id: 'x' }] }, 'input[0].type'],
    [{ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }, 'input[0].content[0].file_id']
  ])('of the Responses format: %j', (over, field) => {
    expect(() => readResponses(responses(over))).toThrow(refusal(field))
  })

  test.each([
    ['openai', { top_k: 5 }, 'top_k'],
    ['openai', { stop_sequences: ['a', 'b', 'c', 'd', 'e'] }, 'stop_sequences'],
    ['deepseek', { output_config: { format: { type: 'json_schema', schema: {} } } }, 'output_config.format'],
    ['ollama', { tools: [{ name: 'a', input_schema: {} }], tool_choice: { type: 'any' } }, 'tool_choice'],
    [
      'moonshot',
      { tools: [{ name: 'a', input_schema: {} }], tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } },
      'tool_choice'
    ],
    [
      'deepseek',
      { tools: [{ name: 'a', input_schema: {} }], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      'tool_choice.disable_parallel_tool_use'
    ],
    [
      'deepseek',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://a/b' } }] }] },
      'messages[0].content[0]'
    ],
    [
      'ollama',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } }]
          }
        ]
      },
      'messages[0].content[0]'
    ]
  ] as const)('what %s lacks: %j', (preset, over, field) => {
    expect(() => asChat(messages(over), preset)).toThrow(refusal(field))
  })

  test('json_object, to a provider of Anthropic’s format, by each client’s own name', () => {
    expect(() => asMessages(chat({ response_format: { type: 'json_object' } }))).toThrow(refusal('response_format'))
    const asked = readResponses(responses({ text: { format: { type: 'json_object' } } }))
    expect(() => toMessages(asked, { upstreamModel: 'claude-opus-4-7', maxTokens: 1 })).toThrow(refusal('text.format'))
  })
})
