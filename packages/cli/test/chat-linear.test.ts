import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import { KEYS } from './support/terminal.js'

let chats: ChatHome

beforeEach(() => {
  chats = chatHome()
})

afterEach(() => chats.remove())

/** A terminal that knows nothing but lines. */
const DUMB = { term: 'dumb' } as const

test('TERM=dumb: lines in order, nothing moves', async () => {
  const chat = await chats.openLinear(DUMB)
  chat.type(`hello${KEYS.enter}`)
  await chat.until(/↳ haiku/)
  await chat.until(/You: \s*$/)
  chat.type(`[sandbox markdown]${KEYS.enter}`)
  await chat.until((text) => (text.match(/↳/g)?.length ?? 0) === 2)
  expect(chat.everything()).toContain('Heading 2: Moving commits')
  chat.type(`/quit${KEYS.enter}`)
  expect((await chat.ended).code).toBe(0)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  expect(chat.raw()).not.toMatch(/\u001b/)
})

test('--screen-reader: the same, with a line that can be edited, and questions by number', async () => {
  const chat = await chats.openLinear({}, ['--screen-reader'])
  chat.type(`/model${KEYS.enter}`)
  await chat.until(/4\. haiku .*\n[\s\S]*Type its number/)
  chat.type(`5${KEYS.enter}`)
  await chat.until('model kimi')
  chat.type(`hello${KEYS.enter}`)
  await chat.until('↳ kimi')
  for (const redrawing of ['\u001b[2J', '\u001b[?25l', '⠋']) expect(chat.raw()).not.toContain(redrawing)
  chat.type(KEYS.ctrlD)
  expect((await chat.ended).code).toBe(0)
})

test('files go along, and what was given back or is to be changed is sent by Enter alone', async () => {
  writeFileSync(join(chats.dir, 'notes.txt'), 'three words here')
  const chat = await chats.openLinear(DUMB)
  chat.type(`/attach notes.txt${KEYS.enter}`)
  await chat.until(/To be sent: \[notes\.txt 16 B ~\d+ tokens\]/)
  chat.type(`read this${KEYS.enter}`)
  await chat.until(/Your message has \d+ words[\s\S]*↳ haiku/)
  chat.type(`/edit${KEYS.enter}`)
  await chat.until(/To be sent: \[notes\.txt/)
  chat.type(`instead${KEYS.enter}`)
  await chat.until(() => chat.copied().includes('“instead”'))
  chat.type(`/edit${KEYS.enter}`)
  await chat.until('To be sent: instead')
  chat.type(KEYS.enter)
  await chat.until(() => (chat.copied().match(/“instead”/g)?.length ?? 0) === 2)
})

test('Ctrl-C stops an answer, then leaves when pressed twice', async () => {
  const chat = await chats.openLinear(DUMB)
  chat.type(`[sandbox slow 40] [sandbox words 400]${KEYS.enter}`)
  await chat.until(/words 400\]/)
  await new Promise((resolve) => setTimeout(resolve, 500))
  chat.type(KEYS.ctrlC)
  await chat.until(/stopped[\s\S]*e\s?stimated/)
  chat.type(KEYS.ctrlC)
  await chat.until('Ctrl-C again leaves')
  chat.type(KEYS.ctrlC)
  // The shell around it gets it, too.
  await chat.ended
})
