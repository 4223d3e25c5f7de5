import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import { CLI, NODE } from './support/run-cli.js'
import { KEYS } from './support/terminal.js'

let chats: ChatHome

beforeEach(() => {
  chats = chatHome()
})

afterEach(() => chats.remove())

/** What clears more than the chat's own lines: the screen, the scrollback, the terminal, or everything from its first cell on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const CLEARS = /\u001b\[[23]J|\u001bc|\u001b\[(?:1;1|)H\u001b\[0?J|\u001b\[\?1049h/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is what is looked for
const BEGINS = /\u001b\[\?2026h/g

describe.each([
  [80, 24],
  [40, 12],
  [200, 60]
])('at %i × %i', (columns, rows) => {
  test('600 updates of an answer clear nothing, and each word is printed once', async () => {
    const chat = await chats.open({ columns, rows })
    chat.type(`[sandbox slow 15] [sandbox words 600]${KEYS.enter}`)
    await chat.until('↳ haiku')
    expect(chat.raw().match(CLEARS)).toBeNull()
    for (const word of ['word2', 'word300', 'word599']) {
      expect(chat.everything().match(new RegExp(`\\b${word}\\b`, 'g'))).toHaveLength(1)
    }
    chat.type(KEYS.ctrlD)
    await chat.ended
    expect(chat.raw().match(CLEARS)).toBeNull()
  })

  test('markdown: no row is wider than the terminal, has spaces at its end, or loses a word', async () => {
    const chat = await chats.open({ columns, rows })
    chat.type(`[sandbox slow 5] [sandbox markdown]${KEYS.enter}`)
    await chat.until('↳ haiku')
    const text = chat.everything()
    for (const word of ['Moving', 'ORIG_HEAD', '先看清楚再动手', '🚚', 'stderr.trim()', 'manual'])
      expect(text).toContain(word)
    expect(chat.raw().match(CLEARS)).toBeNull()
    // What was redrawn as it came left nothing behind.
    for (const once of [/# before/g, /export async/g, /^Nothing of/gm]) expect(text.match(once)).toHaveLength(1)
    expect(text).not.toMatch(/\n\n\n.*\n[\s\S]*↳/)
    // A line of code copies out as one, however narrow the terminal is.
    const line = "  const { code, stderr } = await run('git', ['rebase', '--onto', base, from, branch])"
    expect(chat.copied().split('\n')).toContain(line)
    // Code stands at the left edge, as it copies out.
    expect(text).toMatch(/^git rebase --onto main next topic$/m)
  })
})

test('20 resizes while an answer comes clear nothing and lose nothing', async () => {
  const chat = await chats.open()
  chat.type(`[sandbox slow 25] [sandbox words 160]${KEYS.enter}`)
  for (let n = 0; n < 20; n++) {
    await chat.until((text) => text.replace(/\s/g, '').includes(`word${(n + 1) * 6}`))
    chat.resize([40, 120, 60, 80][n % 4] ?? 80, [12, 40, 20, 24][n % 4] ?? 24)
  }
  await chat.until('↳ haiku')
  expect(chat.raw().match(CLEARS)).toBeNull()
  const words = chat.everything().replace(/\s/g, '')
  for (let n = 2; n <= 160; n++) expect(words).toContain(`word${n}`)
  chat.type(KEYS.ctrlD)
  expect((await chat.ended).code).toBe(0)
})

test('no more than 30 pictures in a second, also while somebody types as it streams', async () => {
  const chat = await chats.open()
  const marks: number[] = []
  chat.onData((data) => {
    // Each picture begins a synchronised update (DEC mode 2026).
    for (const _ of data.matchAll(BEGINS)) marks.push(Date.now())
  })
  chat.type(`[sandbox slow 10] [sandbox words 300]${KEYS.enter}`)
  for (let n = 0; n < 40; n++) {
    await chat.until((text) => text.replace(/\s/g, '').includes(`word${(n + 1) * 6}`))
    chat.type('x')
  }
  await chat.until('↳ haiku')
  const busiest = Math.max(...marks.map((at) => marks.filter((other) => other >= at && other < at + 1000).length))
  expect(marks.length).toBeGreaterThan(30)
  // A few more than were drawn in a second may arrive in one, after a pause of the machine.
  expect(busiest).toBeLessThanOrEqual(36)
})

test('at 40 columns nothing of the header, the menu or a picker is folded', async () => {
  const chat = await chats.open({ columns: 40, rows: 12 })
  chat.type('/')
  await chat.until('❯ /model')
  chat.type(`\u007f/model${KEYS.enter}`)
  await chat.until('Which model?')
  expect(chat.screen().every((row) => row.length <= 40)).toBe(true)
  chat.type(`hai${KEYS.enter}`)
  await chat.until(/^haiku · plan ultra · balance 10,000$/m)
})

test('input methods and wide characters: the cursor stands where the terminal draws them', async () => {
  const chat = await chats.open()
  chat.type('日本語とemoji👨‍👩‍👧')
  await chat.until(() => chat.cursor().column === 2 + 8 + 5 + 2)
  chat.type('\u007f\u001b[D\u001b[D')
  await chat.until((text) => !text.includes('👨') && chat.cursor().column === 2 + 8 + 3)
})

const hasTmux = spawnSync('tmux', ['-V']).status === 0

test.skipIf(!hasTmux)('inside tmux: nothing of what was drawn is left in the scrollback', async () => {
  const socket = join(chats.dir, 'tmux')
  const tmux = (...words: string[]) => spawnSync('tmux', ['-S', socket, ...words], { encoding: 'utf8' }).stdout
  const command = `'${NODE}' '${CLI}' --local -m haiku`
  const env = { ...chats.env, PATH: `${chats.env.PATH}:/usr/bin:/bin` }
  spawnSync('tmux', ['-S', socket, '-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24', command], { env })
  const all = () => tmux('capture-pane', '-p', '-S', '-1000')
  const until = async (seen: RegExp) => {
    for (let n = 0; n < 400 && !seen.test(all()); n++) await new Promise((resolve) => setTimeout(resolve, 25))
    expect(all()).toMatch(seen)
  }
  try {
    await until(/balance 10,000/)
    tmux('send-keys', '[sandbox slow 5] [sandbox words 400]', 'Enter')
    await until(/↳ haiku/)
    expect(all().match(/^haiku · plan/gm)).toHaveLength(1)
    expect(all().match(/\bword200\b/g)).toHaveLength(1)
  } finally {
    tmux('kill-server')
  }
})
