import { expect, test } from 'vitest'
import { readServerTools } from './server-tools.js'

const prices = { web_search: 10_000_000 }
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }
const refused = (message: string) =>
  expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(message) })

test('tools that the caller runs cost their tokens only, and pass', () => {
  const tools = [
    { name: 'own', input_schema: {} },
    { type: 'custom', name: 'own2' },
    { type: null, name: 'own3' },
    { type: 'bash_20250124', name: 'bash' },
    { type: 'text_editor_20250728', name: 'e' },
    { type: 'computer_20251124', name: 'c' },
    { type: 'memory_20250818', name: 'm' }
  ]
  expect(readServerTools(tools)).toEqual({})
  for (const none of [undefined, null, []]) expect(readServerTools(none)).toEqual({})
})

test('a tool that the rate prices passes with the most calls it may make, whatever its version', () => {
  expect(readServerTools([{ name: 'a' }, search], prices)).toEqual({ web_search: 5 })
  expect(readServerTools([{ ...search, type: 'web_search_20260209' }, search], prices)).toEqual({ web_search: 10 })
})

test.each([
  [[{ name: 'a' }, search], 'tools[1].type: "web_search_20250305" is not served'],
  [[{ type: 'web_fetch_20260318' }], 'tools[0].type: "web_fetch_20260318" is not served'],
  [[{ type: 'code_execution_20250825' }], 'tools[0].type: '],
  [[{ type: 'advisor_20260301' }], 'tools[0].type: '],
  [[{ type: 'mcp_toolset' }], 'tools[0].type: '],
  [[{ type: 'custom_but_not' }], 'tools[0].type: '],
  [[{ type: 'tomorrow_20270101' }], 'tools[0].type: '],
  [[{ type: 'constructor' }], 'tools[0].type: '],
  [[{ type: 7 }], 'tools[0].type: 7 is not served'],
  [[null], 'tools[0]: must be an object, got null'],
  [{}, 'tools: must be a list, got an object']
])('%j is refused where nothing prices it', (tools, message) => {
  expect(() => readServerTools(tools)).toThrow(refused(message))
})

test.each([[undefined], [0], [101], [2.5], ['5'], [null]])('max_uses %j of a priced tool is refused', (max_uses) => {
  expect(() => readServerTools([{ ...search, max_uses }], prices)).toThrow(
    refused('tools[0].max_uses: must be a whole number from 1 to 100, for each call is priced apart; got ')
  )
})
