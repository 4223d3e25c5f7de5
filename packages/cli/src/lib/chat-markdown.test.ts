import { expect, test } from 'vitest'
import { chatMessage, playedChat } from '../testing/chats.js'
import { chatMarkdown } from './chat-markdown.js'

test('a chat as Markdown: title, date, model, every message and what it cost', () => {
  const path = [
    chatMessage({ role: 'user', content: 'why?' }),
    chatMessage({ role: 'assistant', content: 'Because.', credits: 0.1 }),
    chatMessage({ role: 'user', content: 'more' }),
    chatMessage({ role: 'assistant', content: 'Well', credits: 0.2, state: 'stopped' })
  ]
  expect(chatMarkdown(playedChat({ title: 'The sky', system: 'be brief\nand kind' }), path)).toBe(`# The sky

2026-11-21 10:00 UTC · claude-haiku-4-5 · 0.3 credits

> System: be brief
> and kind

## You

why?

## claude-haiku-4-5

Because.

*0.1 credits*

## You

more

## claude-haiku-4-5

Well

*0.2 credits · stopped*
`)
})

test('files are named, calls of tools and their results fenced whatever is in them', () => {
  const file = { sha256: '0123456789abcdef', media_type: 'image/png', bytes: 9, name: null }
  const path = [
    chatMessage({ role: 'user', content: [{ type: 'image', file }] }),
    chatMessage({
      role: 'assistant',
      kind: 'summary',
      credits: null,
      content: [
        { type: 'thinking', thinking: 'hm\nso', signature: 's' },
        { type: 'tool_use', id: 't', name: 'look', input: { at: 'it' } }
      ]
    }),
    chatMessage({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '```\ncode\n```' }] })
  ]
  const text = chatMarkdown(playedChat(), path)
  expect(text).toContain('# why is the sky blue?\n')
  expect(text).toContain('[image: 0123456789ab, image/png, 9 bytes]')
  expect(text).toContain(
    '## Summary by claude-haiku-4-5\n\n> hm\n> so\n\nCalls `look`:\n\n```json\n{\n  "at": "it"\n}\n```'
  )
  expect(text).toContain('Its result:\n\n````\n```\ncode\n```\n````')
  expect(text).not.toContain('**')
})
