import { expect, test } from 'vitest'
import { newSession } from './session.js'
import { carryOut, parseSlash } from './slash-commands.js'

const model = { id: 'claude-haiku-4-5', aliases: ['haiku'], price: { input: 1000, output: 5000 } }
const api = { models: async () => [model] as never }

test.each([
  ['/model', { name: 'model', argument: '' }],
  [' /model  kimi ', { name: 'model', argument: 'kimi' }],
  ['/exit', { name: 'quit' }],
  ['/nope', { name: 'unknown', word: 'nope' }],
  ['hello', undefined],
  ['/usr/bin is a path', undefined]
])('%o', (text, command) => {
  expect(parseSlash(text)).toEqual(command)
})

test('a model is changed to when there is one of that name', async () => {
  const session = newSession({ model: 'auto' })
  expect(await carryOut({ name: 'model', argument: 'haiku' }, { api, session })).toContainEqual({
    type: 'model',
    name: 'haiku'
  })
  expect(await carryOut({ name: 'model', argument: 'nope' }, { api, session })).toMatchObject([{ type: 'error' }])
  expect(await carryOut({ name: 'model', argument: '' }, { api, session })).toMatchObject([
    { type: 'notice', text: expect.stringContaining('haiku  in 1,000 · out 5,000') }
  ])
})

test('a list that cannot be had is an error in the chat, not its end', async () => {
  const failing = { models: () => Promise.reject(new Error('unreachable')) }
  const done = await carryOut({ name: 'model', argument: '' }, { api: failing, session: newSession({ model: 'auto' }) })
  expect(done).toEqual([{ type: 'error', text: 'unreachable' }])
})
