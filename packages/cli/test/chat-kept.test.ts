import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import { runCli } from './support/run-cli.js'
import { KEYS } from './support/terminal.js'

let chats: ChatHome

beforeEach(() => {
  chats = chatHome()
})

afterEach(() => chats.remove())

const local = (...words: string[]) => runCli(['--local', ...words], { env: chats.env })

async function listed(): Promise<{ id: string; title: string | null; first_line: string; messages: number }[]> {
  const { stdout } = await local('chats', 'list', '--json')
  return stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

test('a chat is kept as each answer ends, and gone on with elsewhere: -c, -r, /resume', async () => {
  const chat = await chats.open()
  chat.type(`remember the number 4711${KEYS.enter}`)
  await chat.until('↳ haiku')
  const [kept] = await listed()
  expect(kept).toMatchObject({ first_line: 'remember the number 4711', messages: 2 })
  chat.type(KEYS.ctrlD)
  await chat.ended
  expect(chat.everything()).toContain(`caicaini --local -r ${kept?.id} goes on with it`)

  const again = await chats.open({}, ['-c'])
  await again.until(/› remember the number 4711[\s\S]*sandbox/)
  again.type(`/context${KEYS.enter}`)
  await again.until(/your messages +\d+ in 1\n +answers +\d+ in 1/)
  again.type(`what was it?${KEYS.enter}`)
  await again.until((text) => (text.match(/↳/g)?.length ?? 0) === 1)
  again.type(KEYS.ctrlD)
  await again.ended
  expect(await listed()).toMatchObject([{ id: kept?.id, messages: 4 }])

  const third = await chats.open()
  third.type(`/resume${KEYS.enter}`)
  await third.until(/❯ remember the number 4711 .*just now/)
  third.type(`4711${KEYS.enter}`)
  await third.until('what was it?')
})

test('/retry keeps both answers; /edit begins a branch; /fork a chat of its own; /rename and /delete', async () => {
  const chat = await chats.open()
  chat.type(`first${KEYS.enter}`)
  await chat.until('↳ haiku')
  chat.type(`/retry kimi${KEYS.enter}`)
  await chat.until('↳ kimi')
  const [{ id } = { id: '' }] = await listed()
  const messages = async () => JSON.parse((await local('chats', 'show', id, '--json')).stdout).messages
  expect((await messages()).map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'assistant'])
  chat.type(`/edit${KEYS.enter}`)
  await chat.until(/› first\s*$/)
  chat.type(` changed${KEYS.enter}`)
  await chat.until(/“first changed”/)
  expect((await messages()).filter(({ parent }: { parent: string | null }) => parent === null)).toHaveLength(2)
  chat.type(`/fork${KEYS.enter}`)
  await chat.until('you are in the copy now')
  chat.type(`/rename the copy${KEYS.enter}`)
  await chat.until(/balance [\d,.]+ · the copy/)
  expect((await listed()).map(({ title }) => title)).toEqual(['the copy', null])
  chat.type(`/delete${KEYS.enter}`)
  await chat.until('Delete this chat for good?')
  chat.type(KEYS.enter)
  await chat.until('deleted; this is a new chat')
  expect((await listed()).map((one) => one.id)).toEqual([id])
})

test('/compact tells its cost first; the summary stands for what was before, here and when it is resumed', async () => {
  const chat = await chats.open()
  for (const [n, text] of ['one', 'two'].entries()) {
    chat.type(`${text}${KEYS.enter}`)
    await chat.until((all) => (all.match(/↳/g)?.length ?? 0) > n)
  }
  chat.type(`/compact${KEYS.enter}`)
  await chat.until(/Summarise 4 messages \(about \d+ tokens\)\? It will cost about [\d.]+ credits/)
  chat.type(KEYS.enter)
  await chat.until(/The summary stands for what was above/)
  chat.type(KEYS.ctrlD)
  await chat.ended
  const again = await chats.open({}, ['-c'])
  again.type(`/context${KEYS.enter}`)
  await again.until(/your messages +\d+ in 1\n +answers +0 in 0/)
})

test('/private and --no-save keep nothing on the server', async () => {
  const chat = await chats.open()
  chat.type(`/private${KEYS.enter}`)
  await chat.until('not kept')
  chat.type(`a secret${KEYS.enter}`)
  await chat.until(/“a\s+secret”/)
  chat.type(`/clear${KEYS.enter}`)
  await chat.until('a new chat')
  chat.type(`no secret${KEYS.enter}`)
  await chat.until(/“no\s+secret”/)
  expect((await listed()).map(({ first_line }) => first_line)).toEqual(['no secret'])
})

test('/save, /export and /copy give out what was said, as it was', async () => {
  const chat = await chats.open()
  chat.type(`[sandbox markdown]${KEYS.enter}`)
  await chat.until('↳ haiku')
  chat.type(`/save answer.md${KEYS.enter}`)
  await chat.until(/written to .*answer\.md/s)
  expect(readFileSync(join(chats.dir, 'answer.md'), 'utf8')).toMatch(
    /^## Moving commits[\s\S]*```bash\n[\s\S]*no model was asked\.\*\n$/
  )
  chat.type(`/save answer.md${KEYS.enter}`)
  await chat.until(/is\s+there\s+already/)
  chat.type(`/export md chat.md${KEYS.enter}`)
  await chat.until(/written to .*chat\.md/s)
  expect(readFileSync(join(chats.dir, 'chat.md'), 'utf8')).toContain('## You\n\n[sandbox markdown]')
  chat.type(`/export json chat.json${KEYS.enter}`)
  await chat.until(/written to .*chat\.json/s)
  expect(JSON.parse(readFileSync(join(chats.dir, 'chat.json'), 'utf8')).messages).toHaveLength(2)
  chat.type(`/copy code${KEYS.enter}`)
  await chat.until(/copied \d+ lines/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is what is looked for
  const copied = /\u001b\]52;c;([A-Za-z0-9+/=]+)\u0007/.exec(chat.raw())?.[1] ?? ''
  expect(Buffer.from(copied, 'base64').toString()).toMatch(/^export async function moveOnto[\s\S]*\n}$/)
})

test('scripts keep chats, too: --save, -c, -r', async () => {
  const first = await local('-m', 'haiku', '--save', '--output-format', 'json', 'the first')
  const { chat } = JSON.parse(first.stdout)
  expect(first.stderr).toContain(`caicaini --local -r ${chat} goes on with it`)
  expect((await local('-m', 'haiku', '-q', '-c', 'the second')).code).toBe(0)
  expect((await local('-m', 'haiku', '-q', 'the third', '-r', chat.slice(0, 18))).code).toBe(0)
  await local('-q', 'kept nowhere')
  expect(await listed()).toMatchObject([{ id: chat, messages: 6 }])
  expect((await local('x', '-r', 'chat_00000000-0000-7000-8000-000000000000')).code).toBe(2)
})
