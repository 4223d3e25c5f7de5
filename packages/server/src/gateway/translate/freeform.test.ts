import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../request/value.js'
import type { NeutralRequest } from './neutral.js'
import { translateAnswer } from './plain.js'
import { CHAT_QUIRKS } from './quirks.js'
import { readChat } from './read-chat.js'
import { readResponses } from './read-responses.js'
import { createStreamTranslator } from './stream.js'
import { completionOfStream, responseOfStream } from './testing/clients.js'
import { replay } from './testing/golden.js'
import { toChat } from './to-chat.js'
import { toMessages } from './to-messages.js'

const grammar = { syntax: 'lark', definition: 'start: "*** Begin Patch" LF' }
const patch = '*** Begin Patch\n*** Add File: a.txt\n+"quoted" \\ 😀\n*** End Patch\n'
const description = 'Edits files. Do not wrap the patch in JSON.'
const told = [
  description,
  'Put the text into `input`, whole and as it is.',
  'The text must match this Lark grammar:\n\nstart: "*** Begin Patch" LF'
].join('\n\n')
const schema = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false
}

const responses = (over: JsonObject = {}) =>
  readResponses({
    model: 'm',
    stream: true,
    input: [
      { role: 'user', content: 'go' },
      { type: 'custom_tool_call', id: 'ctc_1', status: 'completed', call_id: 'c1', name: 'apply_patch', input: patch },
      { type: 'custom_tool_call_output', call_id: 'c1', output: 'Done!' }
    ],
    tools: [
      { type: 'custom', name: 'apply_patch', description, format: { type: 'grammar', ...grammar } },
      { type: 'function', name: 'shell', parameters: { type: 'object' } }
    ],
    tool_choice: { type: 'custom', name: 'apply_patch' },
    ...over
  })
const chat = (over: JsonObject = {}) =>
  readChat({
    model: 'm',
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'apply_patch', input: patch } }]
      },
      { role: 'tool', tool_call_id: 'c1', content: 'Done!' }
    ],
    tools: [
      { type: 'custom', custom: { name: 'apply_patch', description, format: { type: 'grammar', grammar } } },
      { type: 'function', function: { name: 'shell', parameters: { type: 'object' } } }
    ],
    tool_choice: { type: 'custom', custom: { name: 'apply_patch' } },
    ...over
  })

const asMessages = (neutral: NeutralRequest) =>
  toMessages(neutral, { upstreamModel: 'claude-opus-4-7', maxTokens: 100 })
const asChat = (neutral: NeutralRequest) =>
  toChat(neutral, { upstreamModel: 'up', maxTokens: null, quirks: CHAT_QUIRKS.openai })

describe('a freeform tool', () => {
  test.each([
    ['Responses', responses()],
    ['chat', chat()]
  ])('of %s is a function with one text for Anthropic, which is told the grammar', (_, neutral) => {
    expect(asMessages(neutral)).toMatchObject({
      tools: [{ name: 'apply_patch', description: told, input_schema: schema }, { name: 'shell' }],
      tool_choice: { type: 'tool', name: 'apply_patch' },
      messages: [
        {},
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'apply_patch', input: { input: patch } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1' }] }
      ]
    })
  })

  test('of Responses is a function with one text for a chat provider', () => {
    expect(asChat(responses())).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'apply_patch', description: told, parameters: schema } },
        { type: 'function' }
      ],
      tool_choice: { type: 'function', function: { name: 'apply_patch' } },
      messages: [
        {},
        { tool_calls: [{ id: 'c1', function: { name: 'apply_patch', arguments: JSON.stringify({ input: patch }) } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'Done!' }
      ]
    })
  })

  test('without a grammar or words of its own says how it is called alone', () => {
    const tools = (...formats: (JsonObject | undefined)[]) =>
      formats.map((format, i) => ({ type: 'custom', name: `t${i}`, ...(format && { format }) }))
    const given = tools(undefined, { type: 'text' }, { type: 'grammar', syntax: 'regex', definition: '\\d+' })
    const { tools: read } = responses({ tools: given, tool_choice: 'auto' })
    const how = 'Put the text into `input`, whole and as it is.'
    expect(read.map((tool) => tool.description)).toEqual([
      how,
      how,
      `${how}\n\nThe text must match this regular expression:\n\n\\d+`
    ])
  })

  test('may be added by an item of the input, as newer Codex does; the last of a name stands', () => {
    const group = (...tools: JsonObject[]) => [{ type: 'namespace', name: 'functions', description: '', tools }]
    const exec = { type: 'custom', name: 'exec', description: 'Runs JavaScript.' }
    const added = (...tools: JsonObject[]) => ({ type: 'additional_tools', role: 'developer', tools: group(...tools) })
    const input = [
      added({ ...exec, description: 'Old.' }, { type: 'function', name: 'wait' }),
      { role: 'user', content: 'go' },
      added(exec)
    ]
    const { tools, turns } = responses({ input, tools: undefined, tool_choice: 'auto' })
    expect(turns).toHaveLength(1)
    expect(tools).toMatchObject([
      { name: 'functions__exec', freeform: true, description: expect.stringMatching(/^Runs JavaScript\./) },
      { name: 'functions__wait', grouped: { namespace: 'functions', name: 'wait' } }
    ])
    expect(() => responses({ input: [added({ type: 'mcp' }), ...input] })).toThrow(
      /^input\[0\]\.tools\[0\]\.tools\[0\]\.type/
    )
  })

  test('of a group is called by both names', () => {
    const group = {
      type: 'namespace',
      name: 'files',
      description: 'Files.',
      tools: [{ type: 'custom', name: 'patch' }]
    }
    const neutral = responses({ tools: [group], tool_choice: 'auto' })
    const call = { type: 'tool_use', id: 'c2', name: 'files__patch', input: { input: 'x' } }
    const message = { type: 'message', role: 'assistant', content: [call], stop_reason: 'tool_use' }
    const { json } = translateAnswer(
      { from: 'messages', to: 'responses', request: neutral, id: 'r', nowMs: 0 },
      message
    )
    expect(json.output).toEqual([
      {
        id: 'ctc_r_0',
        type: 'custom_tool_call',
        status: 'completed',
        call_id: 'c2',
        namespace: 'files',
        name: 'patch',
        input: 'x'
      }
    ])
  })
})

/** A stream of each kind of provider that calls both tools, with the arguments cut into pieces. */
function streamOf(from: 'messages' | 'chat', args: string, sizes: readonly number[]): Buffer {
  const pieces: string[] = []
  let at = 0
  for (const size of [...sizes, args.length]) {
    pieces.push(args.slice(at, at + size))
    at += size
  }
  const frame = (name: string, data: JsonObject) =>
    `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`
  const chunk = (delta: JsonObject, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', model: 'up', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  const call = (index: number, id: string, name: string) => ({ index, id, type: 'function', function: { name } })
  const more = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] })
  const usage = { input_tokens: 5, output_tokens: 7 }
  const frames =
    from === 'messages'
      ? [
          frame('message_start', { message: { id: 'msg_1', model: 'up', usage } }),
          frame('content_block_start', {
            content_block: { type: 'tool_use', id: 'c2', name: 'apply_patch', input: {} }
          }),
          ...pieces.map((text) =>
            frame('content_block_delta', { delta: { type: 'input_json_delta', partial_json: text } })
          ),
          frame('content_block_stop', {}),
          frame('content_block_start', { content_block: { type: 'tool_use', id: 'c3', name: 'shell', input: {} } }),
          frame('content_block_delta', { delta: { type: 'input_json_delta', partial_json: '{"input":"ls"}' } }),
          frame('content_block_stop', {}),
          frame('message_delta', { delta: { stop_reason: 'tool_use' }, usage }),
          frame('message_stop', {})
        ]
      : [
          chunk({ tool_calls: [call(0, 'c2', 'apply_patch')] }),
          ...pieces.map((text) => chunk(more(0, text))),
          chunk({ tool_calls: [call(1, 'c3', 'shell')] }),
          chunk(more(1, '{"input":"ls"}')),
          chunk({}, 'tool_calls'),
          'data: [DONE]\n\n'
        ]
  return Buffer.from(frames.join(''))
}

function streamed(from: 'messages' | 'chat', to: 'chat' | 'responses', bytes: Buffer): string {
  const request = to === 'chat' ? chat() : responses()
  const tap = createStreamTranslator({ from, to, request, id: 'req_x1', nowMs: 0 })
  const { forward, final } = replay(tap, bytes, [])
  return forward + final
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 })
const input = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.toWellFormed())

describe('a call of a freeform tool', () => {
  test.each(['messages', 'chat'] as const)('of a provider of %s is streamed to Responses as its input', (from) => {
    fc.assert(
      fc.property(input, cuts, (text, sizes) => {
        const out = streamed(from, 'responses', streamOf(from, JSON.stringify({ input: text }), sizes))
        const { events, gathered, items, response } = responseOfStream(out)
        expect(gathered.get(0) ?? '').toBe(text)
        const done = events.find(({ type }) => type === 'response.custom_tool_call_input.done')
        expect(done).toMatchObject({ item_id: 'ctc_x1_0', output_index: 0, input: text })
        const item = { id: 'ctc_x1_0', type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch' }
        expect(events.find(({ type }) => type === 'response.output_item.added').item).toEqual({
          ...item,
          status: 'in_progress',
          input: ''
        })
        expect(items[0]).toEqual({ ...item, status: 'completed', input: text })
        expect(response.output).toEqual(items)
        // Another tool with an argument of the same name stays what it is.
        expect(items[1]).toMatchObject({ type: 'function_call', name: 'shell', arguments: '{"input":"ls"}' })
        // In the next turn it is what the provider said.
        const next = responses({ input: [{ role: 'user', content: 'go' }, items[0]] })
        expect(asMessages(next).messages).toMatchObject([{}, { content: [{ input: { input: text } }] }])
      }),
      { numRuns: 60 }
    )
  })

  test('is streamed to a chat client as its input', () => {
    fc.assert(
      fc.property(input, cuts, (text, sizes) => {
        const out = streamed('messages', 'chat', streamOf('messages', JSON.stringify({ input: text }), sizes))
        const { calls, finishReason } = completionOfStream(out)
        expect(calls).toEqual([
          { id: 'c2', type: 'custom', name: 'apply_patch', arguments: text },
          { id: 'c3', type: 'function', name: 'shell', arguments: '{"input":"ls"}' }
        ])
        expect(finishReason).toBe('tool_calls')
      }),
      { numRuns: 60 }
    )
  })

  test('comes in as many pieces as the provider sent', () => {
    const args = JSON.stringify({ input: patch })
    const out = streamed('messages', 'responses', streamOf('messages', args, [12, 10, 10, 10]))
    const deltas = responseOfStream(out).events.filter(({ type }) => type === 'response.custom_tool_call_input.delta')
    expect(deltas).toHaveLength(5)
  })

  test('that holds no input is told as the model wrote it, streamed and whole', () => {
    const args = '{"patch": "x"}'
    const out = streamed('messages', 'responses', streamOf('messages', args, [3, 3]))
    expect(responseOfStream(out).items[0]).toMatchObject({ type: 'custom_tool_call', input: args })
    const call = { id: 'c2', type: 'function', function: { name: 'apply_patch', arguments: patch } }
    const completion = {
      choices: [{ message: { role: 'assistant', tool_calls: [call] }, finish_reason: 'tool_calls' }]
    }
    const of = { from: 'chat', to: 'responses', request: responses(), id: 'r', nowMs: 0 } as const
    expect(translateAnswer(of, completion).json.output).toMatchObject([{ type: 'custom_tool_call', input: patch }])
  })

  test('is whole for a chat client', () => {
    const content = [{ type: 'tool_use', id: 'c2', name: 'apply_patch', input: { input: patch } }]
    const message = { type: 'message', role: 'assistant', content, stop_reason: 'tool_use' }
    const { json } = translateAnswer({ from: 'messages', to: 'chat', request: chat(), id: 'r', nowMs: 0 }, message)
    expect(json.choices).toMatchObject([
      {
        message: { tool_calls: [{ id: 'c2', type: 'custom', custom: { name: 'apply_patch', input: patch } }] },
        finish_reason: 'tool_calls'
      }
    ])
  })
})
