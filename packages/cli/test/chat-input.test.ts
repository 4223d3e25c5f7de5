import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import { KEYS } from './support/terminal.js'

let chats: ChatHome

beforeEach(() => {
  chats = chatHome()
})

afterEach(() => chats.remove())

const PASTE = (text: string) => `\u001b[200~${text}\u001b[201~`
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64'
)

test('a large paste is a chip of one line, and is sent whole', async () => {
  const chat = await chats.open()
  chat.type(`count: ${PASTE(Array.from({ length: 312 }, (_, n) => `w${n}`).join('\r'))}`)
  await chat.until('count: [pasted 312 lines]')
  chat.type(KEYS.enter)
  await chat.until(/313\s+words/)
  expect(chat.everything()).toContain('› count: [pasted 312 lines]')
})

test('a chip is one step of the cursor, and one Backspace deletes it', async () => {
  const chat = await chats.open()
  chat.type(PASTE('x\r'.repeat(20)))
  await chat.until('[pasted 20 lines]')
  chat.type('\u007f')
  await chat.until((text) => !text.includes('[pasted'))
  chat.type('\u001f')
  await chat.until('[pasted 20 lines]')
})

test('@ offers paths, Tab takes one, and the file goes along', async () => {
  writeFileSync(join(chats.dir, 'notes.txt'), 'three words here')
  writeFileSync(join(chats.dir, 'photo.png'), PNG)
  const chat = await chats.open()
  chat.type('read @no')
  await chat.until('❯ notes.txt')
  chat.type('\t')
  await chat.until(/read \[notes\.txt 16 B ~\d+ tokens\]/)
  chat.type('and @pho\t')
  await chat.until(/and \[photo\.png \d+ B ~1,600 tokens\]/)
  chat.type(KEYS.enter)
  // The image counts as input: the receipt has it.
  await chat.until(/↳ haiku · 1,6\d\d in/)
})

test('a file that is dropped on the terminal is attached; one that is not there is text', async () => {
  writeFileSync(join(chats.dir, 'a photo.png'), PNG)
  const chat = await chats.open()
  chat.type(PASTE(`${chats.dir}/a\\ photo.png `))
  await chat.until(/\[a photo\.png \d+ B/)
  chat.type(PASTE('/no/such/file.png'))
  await chat.until('/no/such/file.png')
})

test('what no message takes is refused by name', async () => {
  writeFileSync(join(chats.dir, 'program.bin'), Buffer.from([0, 1, 2, 255]))
  const chat = await chats.open()
  chat.type(`/attach program.bin${KEYS.enter}`)
  await chat.until('program.bin is neither text, an image (PNG, JPEG, GIF, WebP) nor a PDF')
  chat.type(`/attach missing.txt${KEYS.enter}`)
  await chat.until(/there is no file .*missing\.txt/s)
})

test('/ offers commands; Enter carries out what is chosen', async () => {
  const chat = await chats.open()
  chat.type('/co')
  await chat.until(/❯ \/cost.*\n.*\/context.*\n.*\/compact/)
  chat.type(KEYS.enter)
  await chat.until('this session: 0 answers')
  chat.type('/hel\t')
  await chat.until(/› \/help\s*$/)
})

test('Ctrl-R finds an earlier message, also of another session', async () => {
  const first = await chats.open()
  for (const text of ['the first one', 'another']) {
    first.type(`${text}${KEYS.enter}`)
    await first.until(new RegExp(`“${text.replaceAll(' ', '\\s+')}”`))
  }
  first.type(KEYS.ctrlD)
  await first.ended
  const chat = await chats.open()
  chat.type('\u0012first')
  await chat.until('(search) first → the first one')
  chat.type(KEYS.enter)
  await chat.until(/› the first one\s*$/)
})

test('$EDITOR edits the draft with Ctrl-G, and the chat is drawn again after it', async () => {
  const editor = join(chats.dir, 'editor.sh')
  writeFileSync(editor, '#!/bin/sh\necho "from the editor" >> "$1"\n', { mode: 0o755 })
  const chat = await chats.open({ env: { ...chats.env, EDITOR: editor } })
  chat.type('begun here\u0007')
  await chat.until(/› begun here\n +from the editor/)
  chat.type(KEYS.enter)
  await chat.until(/5\s+words/)
})

test('a draft is back after kill -9, and gone once it was sent', async () => {
  const chat = await chats.open()
  chat.type('a long thought that')
  await chat.until('a long thought that')
  const draft = await chats.draftWith('a long thought that')
  expect(statSync(draft).mode & 0o077).toBe(0)
  chat.kill('SIGKILL')
  await chat.ended
  const again = await chats.open()
  await again.until('› a long thought that')
  again.type(` goes on${KEYS.enter}`)
  await again.until(/“a\s+long\s+thought\s+that\s+goes\s+on”/)
  again.type(KEYS.ctrlD)
  await again.ended
  const third = await chats.open()
  expect(third.everything()).not.toContain('› a long thought')
})

test('--no-save keeps neither draft nor history here', async () => {
  const chat = await chats.open({}, ['--no-save'])
  await chat.until('not kept')
  chat.type(`secret${KEYS.enter}`)
  await chat.until('“secret”')
  chat.type('secret draft')
  await chat.until('secret draft')
  chat.type(`${KEYS.ctrlC}${KEYS.ctrlD}`)
  await chat.ended
  expect(chats.files().filter((file) => readFileSync(file, 'utf8').includes('secret'))).toEqual([])
})

test('what is typed while an answer comes waits, is sent after it, and can be taken back', async () => {
  const chat = await chats.open()
  chat.type(`[sandbox slow 40] [sandbox words 60]${KEYS.enter}`)
  await chat.until('word9')
  chat.type(`second${KEYS.enter}`)
  await chat.until('waits: second')
  chat.type(`third${KEYS.enter}`)
  await chat.until(/waits: second\n +waits: third/)
  chat.type(KEYS.up)
  await chat.until((text) => !text.includes('waits: third') && /› third\s*$/.test(text))
  chat.type(`${KEYS.ctrlC}`)
  // Ctrl-C stops the answer first.
  await chat.until('stopped')
  chat.type(KEYS.ctrlC)
  await chat.until((text) => !/› third\s*$/.test(text))
  // Enter on an empty line sends what waits.
  chat.type(KEYS.enter)
  await chat.until('“second”')
})

test('Shift+Enter is a new line where the terminal tells it apart', async () => {
  const chat = await chats.open()
  chat.type('one\u001b[13;2utwo')
  await chat.until(/› one\n +two/)
})
