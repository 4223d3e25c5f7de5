import { describe, expect, test } from 'vitest'
import { newestHumanText, readConversation } from './conversation.js'
import { isStuck } from './repeats.js'

const call = (id: string, command = 'npm test') => ({ type: 'tool_use', id, name: 'bash', input: { command } })
const result = (id: string, more: object = {}) => ({ type: 'tool_result', tool_use_id: id, content: 'z', ...more })

test('only what the person wrote last counts', () => {
  const messages = [
    { role: 'user', content: 'x'.repeat(1000) },
    { role: 'assistant', content: 'y' },
    { role: 'user', content: [{ type: 'text', text: '<system-reminder>long\n</system-reminder>and now?' }] },
    { role: 'assistant', content: [{ type: 'tool_use' }] },
    { role: 'user', content: [{ type: 'tool_result', content: 'z'.repeat(1000) }] }
  ]
  expect(newestHumanText(messages)).toEqual({ text: 'and now?', hasMedia: false })
  expect(newestHumanText([null, 5])).toEqual({ text: '', hasMedia: false })
})

describe('a person’s turn', () => {
  const first = { role: 'user', content: 'fix it' }
  const asked = { role: 'assistant', content: [call('a')] }
  const reminder = { type: 'text', text: '<system-reminder>be brief</system-reminder>' }
  test.each<[string, boolean, object]>([
    ['is a message', true, { messages: [first] }],
    ['is one with injected text after it', true, { messages: [first, { role: 'user', content: [reminder] }] }],
    ['is one with a system message after it', true, { messages: [first, { role: 'system', content: 'x' }] }],
    [
      'is one beside a result',
      true,
      { messages: [first, asked, { role: 'user', content: [result('a'), { type: 'text', text: 'stop' }] }] }
    ],
    ['is no result', false, { messages: [first, asked, { role: 'user', content: [result('a')] }] }],
    [
      'is no result with injected text',
      false,
      { messages: [first, asked, { role: 'user', content: [result('a'), reminder] }] }
    ],
    [
      'is no result of Chat Completions',
      false,
      { messages: [first, { role: 'assistant', tool_calls: [] }, { role: 'tool', content: 'x' }] }
    ],
    [
      'is no output of Responses',
      false,
      { input: [first, { type: 'function_call', call_id: 'a' }, { type: 'function_call_output', call_id: 'a' }] }
    ],
    ['is none where nobody wrote', false, {}]
  ])('%s', (_, isHumanTurn, body) => {
    expect(readConversation(body as never).isHumanTurn).toBe(isHumanTurn)
  })
})

describe('a model that runs in circles', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const run = (commands: readonly string[], more: (i: number) => object = () => ({})) => ({
    messages: commands.flatMap((command, i) => [
      { role: 'assistant', content: [call(ids[i] ?? '', command)] },
      { role: 'user', content: [result(ids[i] ?? '', more(i))] }
    ])
  })
  const stuck = (body: object) => isStuck(readConversation(body as never).calls)

  test.each<[string, boolean, object]>([
    ['the same call three times', true, run(['t', 'u', 't', 'v', 't', 'w'])],
    ['twice only', false, run(['t', 'u', 't', 'v', 'w', 'x'])],
    ['three errors', true, run(['1', '2', '3', '4', '5', '6'], (i) => ({ is_error: i % 2 === 0 }))],
    ['two errors', false, run(['1', '2', '3', '4', '5', '6'], (i) => ({ is_error: i < 2 }))],
    [
      'errors by their text',
      true,
      run(['1', '2', '3'], () => ({ content: [{ type: 'text', text: 'Error: no such file' }] }))
    ],
    ['nothing', false, {}]
  ])('%s', (_, expected, body) => {
    expect(stuck(body)).toBe(expected)
  })

  test('is seen in OpenAI’s formats too', () => {
    const chat = ids.slice(0, 3).map((id) => ({
      role: 'assistant',
      tool_calls: [{ id, type: 'function', function: { name: 'bash', arguments: '{"command":"x"}' } }]
    }))
    expect(stuck({ messages: chat })).toBe(true)
    const responses = ids.slice(0, 3).flatMap((id, i) => [
      { type: 'function_call', call_id: id, name: 'shell', arguments: `{"i":${i}}` },
      { type: 'function_call_output', call_id: id, output: '{"output":"x","metadata":{"exit_code":1}}' }
    ])
    expect(stuck({ input: responses })).toBe(true)
    const custom = ids.slice(0, 3).map((id) => ({
      role: 'assistant',
      tool_calls: [{ id, type: 'custom', custom: { name: 'apply_patch', input: '*** Begin Patch' } }]
    }))
    expect(stuck({ messages: custom })).toBe(true)
    const patches = ids.slice(0, 3).flatMap((id, i) => [
      { type: 'custom_tool_call', call_id: id, name: 'apply_patch', input: `${i}` },
      { type: 'custom_tool_call_output', call_id: id, output: '{"output":"x","metadata":{"exit_code":1}}' }
    ])
    expect(stuck({ input: patches })).toBe(true)
  })
})
