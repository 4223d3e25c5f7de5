import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Chat } from '@caicaini/protocol/api'
import { describe, expect, test } from 'vitest'
import { cutTo } from '../../lib/format.js'
import { runToExitCode } from '../../run-process.js'
import { chatMessage, playedChat } from '../../testing/chats.js'
import { json, type Play, refusal } from '../../testing/play-transport.js'
import { createTestContext, type TestOptions } from '../../testing/test-context.js'
import { chatTable } from './table.js'

async function caicaini(words: string[], options: TestOptions = {}) {
  const t = createTestContext(options)
  const exit = await runToExitCode(words, t.facts)
  const asked = t.server.requests.map(({ method, path }) => `${method} ${path}`)
  return { ...t, exit, out: t.stdout(), err: t.stderr(), asked, requests: t.server.requests }
}

const idOf = (n: number) => `chat_019a8f21-77c3-7000-8000-${String(n).padStart(12, '0')}`
const messages = [
  chatMessage({ id: 'msg_1', role: 'user', content: 'why is the sky blue?' }),
  chatMessage({ id: 'msg_2', parent: 'msg_1', role: 'assistant', content: 'Of \u001b]0;air\u0007.' }),
  chatMessage({ id: 'msg_3', parent: 'msg_1', role: 'assistant', content: 'Because.' })
]
const chat = playedChat({ id: idOf(1), leaf: 'msg_2', messages: 3 })

/** A server with these chats; two messages a page. */
const serving =
  (chats: readonly Chat[]): Play =>
  ({ method, path, body }) => {
    const url = new URL(path, 'http://played')
    const [, , , id, part] = url.pathname.split('/')
    if (id === undefined) {
      const prefix = url.searchParams.get('id') ?? ''
      const found = chats.filter((each) => each.id.startsWith(prefix))
      const from = Number(url.searchParams.get('before') ?? 0)
      const to = from + Number(url.searchParams.get('limit'))
      return json({ chats: found.slice(from, to), next: to < found.length ? String(to) : null })
    }
    const one = chats.find((each) => each.id === id)
    if (!one) return refusal(404, 'not_found', `chat: there is no "${id}"`)
    if (method === 'DELETE') return { status: 204 }
    if (method === 'PATCH') return json({ ...one, ...JSON.parse(body ?? '{}') })
    if (part === undefined) return json(one)
    return url.searchParams.has('after')
      ? json({ messages: messages.slice(2), next: null })
      : json({ messages: messages.slice(0, 2), next: 'msg_2' })
  }
const play = serving([chat])

describe('chats list', () => {
  test('shows those that were used last, and neutralises what they are called', async () => {
    const { out, asked } = await caicaini(['chats', 'list'], {
      play: serving([chat, { ...chat, id: idOf(2), title: 'a\u001b[2J\nb', credits: 0 }])
    })
    expect(out).toBe(
      [
        'CHAT                USED              MODEL             MESSAGES  CREDITS  TITLE',
        'chat_019a8f21-77c3  2026-11-21 10:05  claude-haiku-4-5         3     2.76  why is the sky blue?',
        'chat_019a8f21-77c3  2026-11-21 10:05  claude-haiku-4-5         3        0  a␛[2J b',
        ''
      ].join('\n')
    )
    expect(asked).toEqual(['GET /api/chats?limit=20'])
  })

  test('asks page by page up to the limit, and tells JSON a line each', async () => {
    const many = Array.from({ length: 250 }, (_, i) => ({ ...chat, id: idOf(i) }))
    const { out, asked } = await caicaini(['chats', 'list', '--limit', '120', '--json'], { play: serving(many) })
    expect(asked).toEqual(['GET /api/chats?limit=100', 'GET /api/chats?limit=20&before=100'])
    const lines = out.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(many.slice(0, 120).map(({ id }) => id))
  })

  test('looks for words', async () => {
    const { asked } = await caicaini(['chats', 'list', '--search', 'blue & sky'], { play })
    expect(asked).toEqual(['GET /api/chats?limit=20&search=blue+%26+sky'])
    expect((await caicaini(['chats', 'search', 'blue', 'sky'], { play })).asked).toEqual([
      'GET /api/chats?limit=20&search=blue+sky'
    ])
    const none = await caicaini(['chats', 'search', 'x'], { play: serving([]) })
    expect(none).toMatchObject({ exit: 0, out: '', err: 'No chat has these words.\n' })
  })

  test('fits the terminal, whatever the titles', () => {
    const chats = [
      { ...chat, title: 'x'.repeat(120) },
      { ...chat, title: '漢字'.repeat(60) }
    ]
    for (const width of [50, 60, 80, 100, 200]) {
      const lines = chatTable(chats, width).trimEnd().split('\n')
      for (const line of lines) expect(line.length, `${width}: ${line}`).toBeLessThanOrEqual(width)
      expect(lines[0]).toMatch(/^CHAT .* TITLE$/)
    }
    expect(cutTo('漢字漢字', 5)).toBe('漢字…')
  })
})

describe('one chat', () => {
  test('is shown on the way to its newest message, its escapes visible', async () => {
    const { exit, out, err } = await caicaini(['chats', 'show', idOf(1)], { play })
    expect(exit).toBe(0)
    expect(out).toContain('## You\n\nwhy is the sky blue?\n\n## claude-haiku-4-5\n\nOf ␛]0;air␇.\n\n*0.35 credits*\n')
    expect(out).not.toContain('Because.')
    expect(err).toContain('1 message more in other branches')
  })

  test('is told whole as JSON', async () => {
    const { out } = await caicaini(['chats', 'show', idOf(1), '--json'], { play })
    expect(JSON.parse(out)).toEqual({ ...chat, messages })
  })

  test('is found by how its id begins, where that is one alone', async () => {
    const { asked } = await caicaini(['chats', 'show', 'chat_019a8f21'], { play })
    expect(asked[0]).toBe('GET /api/chats?id=chat_019a8f21&limit=2')
    expect(asked).toContain(`GET /api/chats/${idOf(1)}`)
    const two = { play: serving([chat, { ...chat, id: idOf(2) }]) }
    expect(await caicaini(['chats', 'show', 'chat_019a8f21'], two)).toMatchObject({ exit: 2, out: '' })
    expect(await caicaini(['chats', 'show', 'chat_019b8f21'], { play })).toMatchObject({ exit: 2, out: '' })
    expect((await caicaini(['chats', 'show', 'chat_019a8f2'], { play })).err).toContain('8 characters')
  })

  test('gets a title', async () => {
    const { exit, err, requests } = await caicaini(['chats', 'rename', idOf(1), 'The', 'sky'], { play })
    expect({ exit, err }).toEqual({ exit: 0, err: `Chat ${idOf(1)} is "The sky" now.\n` })
    expect(requests.at(-1)).toMatchObject({ method: 'PATCH', body: '{"title":"The sky"}' })
  })

  test('is exported as Markdown or JSON, to a file whole', async () => {
    const t = createTestContext({ play })
    const file = join(t.home, 'sky.md')
    expect(await runToExitCode(['chats', 'export', idOf(1), '-o', file], t.facts)).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(/^# why is the sky blue\?\n[\s\S]*Of /)
    const asJson = await caicaini(['chats', 'export', idOf(1), '--format', 'json'], { play })
    expect(JSON.parse(asJson.out)).toEqual({ ...chat, messages })
    expect((await caicaini(['chats', 'export', idOf(1), '--format', 'pdf'], { play })).exit).toBe(2)
  })
})

describe('chats delete', () => {
  const two = serving([chat, { ...chat, id: idOf(2) }])
  const deleted = (asked: readonly string[]) => asked.filter((each) => each.startsWith('DELETE'))

  test('deletes what is named, each once', async () => {
    const t = await caicaini(['chats', 'delete', idOf(1), idOf(2), idOf(1), '--yes'], { play: two, stdin: '' })
    expect(t).toMatchObject({ exit: 0, out: '', err: '2 chats deleted.\n' })
    expect(deleted(t.asked)).toEqual([`DELETE /api/chats/${idOf(1)}`, `DELETE /api/chats/${idOf(2)}`])
  })

  test('deletes nothing where one is not there, or nobody can be asked', async () => {
    const slip = await caicaini(['chats', 'delete', idOf(1), idOf(9), '--yes'], { play: two })
    expect(slip).toMatchObject({ exit: 2, out: '' })
    const nobody = await caicaini(['chats', 'delete', idOf(1)], { play: two, stdin: '' })
    expect(nobody.exit).toBe(2)
    expect(nobody.err).toContain('--yes')
    expect([...deleted(slip.asked), ...deleted(nobody.asked)]).toEqual([])
  })

  test.each([
    ['y', 1],
    ['no', 0],
    ['', 0]
  ])('asks on a terminal: %j', async (typed, count) => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    stdin.end(`${typed}\n`)
    const t = await caicaini(['chats', 'delete', idOf(1)], { play: two, stdin })
    expect(t.err).toContain('why is the sky blue?')
    expect(t.err).toContain('Delete 1 chat for good? [y/N]')
    expect(deleted(t.asked)).toHaveLength(count)
  })
})
