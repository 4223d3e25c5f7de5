import { describe, expect, test } from 'vitest'
import { loadCatalog } from '../catalog/load.js'
import { chooseModel, newestHumanText } from './auto-route.js'

const catalog = loadCatalog({ readFile: () => '' })
const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
const choose = (body: Record<string, unknown>, missing: readonly string[] = []) => {
  const available = ({ id }: { id: string }) => !missing.includes(id)
  const route = chooseModel({ body, catalog, available })
  return route && `${route.model.id} ${route.reason}`
}

describe('auto', () => {
  test.each([
    [user('What is the capital of France?'), 'claude-haiku-4-5 A short, plain question: the small model'],
    [user('x'.repeat(399)), 'claude-haiku-4-5 A short, plain question: the small model'],
    [user('x'.repeat(400)), 'claude-sonnet-4-6 A long message: the middle model'],
    [user('fix ```a = b```'), 'claude-sonnet-4-6 Code: the middle model'],
    [{ ...user('hi'), tools: [{ name: 't' }] }, 'claude-sonnet-4-6 Tools: the middle model'],
    [{ ...user('hi'), tools: [] }, 'claude-haiku-4-5 A short, plain question: the small model'],
    [{ ...user('hi'), thinking: { type: 'adaptive' } }, 'claude-sonnet-4-6 Thinking asked for: the middle model'],
    [{ ...user('hi'), thinking: { type: 'disabled' } }, 'claude-haiku-4-5 A short, plain question: the small model'],
    [
      user([{ type: 'image' }, { type: 'text', text: 'what?' }]),
      'claude-sonnet-4-6 An image or a document: the middle model'
    ]
  ])('%j', (body, expected) => {
    expect(choose(body)).toBe(expected)
  })

  test('takes what is available, and says so', () => {
    expect(choose(user('hi'), ['claude-haiku-4-5'])).toBe(
      'claude-sonnet-4-6 A short, plain question, but claude-haiku-4-5 is not available here: claude-sonnet-4-6 instead'
    )
    const missing = ['claude-opus-4-7', 'claude-sonnet-4-6', 'claude-haiku-4-5']
    expect(choose(user('hi'), missing)).toContain('kimi-k2.5 instead')
    const all = catalog.models.map((model) => model.id)
    expect(choose(user('hi'), all)).toBeUndefined()
  })

  test('never chooses a model whose retirement is announced', () => {
    const retiring = {
      ...catalog,
      models: catalog.models.map((model) => ({ ...model, retired: { at: '2099-01-01', successor: 'kimi-k2.5' } }))
    }
    expect(chooseModel({ body: user('hi'), catalog: retiring, available: () => true })).toBeUndefined()
  })
})

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
