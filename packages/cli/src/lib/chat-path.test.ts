import type { ChatContent, ChatMessage } from '@caicaini/protocol/api'
import { describe, expect, test } from 'vitest'
import { chatMessage } from '../testing/chats.js'
import { contextOf, pathTo, SUMMARY_INTRO, withFiles } from './chat-path.js'

const user = (id: string, parent: string | null, content: string | ChatContent[] = id) =>
  chatMessage({ id, parent, role: 'user', content })
const answer = (id: string, parent: string, content: string | ChatContent[] = id, more: Partial<ChatMessage> = {}) =>
  chatMessage({ id, parent, role: 'assistant', content, ...more })
const said = (messages: readonly { role: string; content: readonly ChatContent[] }[]) =>
  messages.map(({ role, content }) => `${role}: ${content.map((block) => block.text ?? block.type).join(' ')}`)

describe('the path', () => {
  const tree = [
    user('u1', null),
    answer('a1', 'u1'),
    answer('a2', 'u1'),
    user('u2', 'a2'),
    answer('a3', 'u2'),
    user('u3', null)
  ]

  test('leads from the root to the leaf', () => {
    expect(pathTo(tree, 'a3').map(({ id }) => id)).toEqual(['u1', 'a2', 'u2', 'a3'])
    expect(pathTo(tree, 'a1').map(({ id }) => id)).toEqual(['u1', 'a1'])
    expect(pathTo(tree, 'u3').map(({ id }) => id)).toEqual(['u3'])
  })

  test('is none where there is no leaf, and ends where a server goes round in circles', () => {
    expect([pathTo(tree, null), pathTo(tree, 'nobody')]).toEqual([[], []])
    expect(pathTo([user('a', 'b'), user('b', 'a')], 'a').length).toBeLessThan(9)
  })
})

describe('what is sent of a path', () => {
  test('is every question that has its answer', () => {
    const path = [user('u1', null), answer('a1', 'u1'), user('u2', 'a1'), user('u3', 'u2'), answer('a2', 'u3')]
    expect(said(contextOf(path))).toEqual(['user: u1', 'assistant: a1', 'user: u3', 'assistant: a2'])
    expect(said(contextOf(path.slice(0, 3)))).toEqual(['user: u1', 'assistant: a1'])
    expect(contextOf([])).toEqual([])
  })

  test('begins after the last summary that is whole', () => {
    const path = [
      user('u1', null),
      answer('a1', 'u1'),
      user('sum it up', 'a1'),
      answer('all of it', 'sum it up', 'all of it', { kind: 'summary' }),
      user('u2', 'all of it'),
      answer('a2', 'u2'),
      user('once more', 'a2'),
      answer('half', 'once more', 'half', { kind: 'summary', state: 'stopped' })
    ]
    expect(said(contextOf(path))).toEqual([
      `user: ${SUMMARY_INTRO}\n\nall of it`,
      'user: u2',
      'assistant: a2',
      'user: once more',
      'assistant: half'
    ])
    expect(said(contextOf(path.slice(0, 4)))).toEqual([`user: ${SUMMARY_INTRO}\n\nall of it`])
  })

  test('has nothing that a provider refuses: broken thoughts, empty texts, calls without a result', () => {
    const thought = { type: 'thinking', thinking: 'hm', signature: '' }
    const call = { type: 'tool_use', id: 't1', name: 'look', input: {} }
    const result = { type: 'tool_result', tool_use_id: 't1', content: 'seen' }
    const cut = [user('u1', null), answer('a1', 'u1', [thought], { state: 'stopped' })]
    expect(contextOf(cut)).toEqual([])
    const open = [user('u1', null), answer('a1', 'u1', [{ type: 'text', text: 'I look' }, call])]
    expect(said(contextOf(open))).toEqual(['user: u1', 'assistant: I look'])
    const closed = [
      ...open,
      user('u2', 'a1', [result]),
      answer('a2', 'u2', [
        { ...thought, signature: 's' },
        { type: 'text', text: 'so' }
      ])
    ]
    expect(said(contextOf(closed))).toEqual([
      'user: u1',
      'assistant: I look tool_use',
      'user: tool_result',
      'assistant: thinking so'
    ])
    // Its result has no answer, so that neither is sent.
    expect(said(contextOf(closed.slice(0, 3)))).toEqual(['user: u1', 'assistant: I look'])
  })
})

test('files stand in their places again', async () => {
  const file = (media_type: string) => ({ sha256: 'ab', media_type, bytes: 2, name: null })
  const content = [
    { type: 'image', file: file('image/png') },
    { type: 'document', title: 'a.txt', file: file('text/plain') },
    { type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', file: file('image/gif') }] },
    { type: 'document', source: { type: 'content', content: [{ type: 'image', file: file('image/gif') }] } }
  ]
  const [message] = await withFiles([{ of: chatMessage({}), role: 'user', content }], async () => Buffer.from('hi'))
  expect(message?.content).toEqual([
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
    { type: 'document', title: 'a.txt', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
    {
      type: 'tool_result',
      tool_use_id: 't',
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'aGk=' } }]
    },
    {
      type: 'document',
      source: {
        type: 'content',
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'aGk=' } }]
      }
    }
  ])
})
