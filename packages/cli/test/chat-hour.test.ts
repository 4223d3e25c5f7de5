import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import { type Cuttable, cuttable } from './support/cuttable.js'
import { runCli, type Started, startServing } from './support/run-cli.js'
import { KEYS, type TestTerminal } from './support/terminal.js'

/*
 * An hour of ordinary use with a real server: fifty turns with pastes, resizes, stops, a lost network, a server that is
 * killed, a 402 and a 429. Nothing is lost, and the session's total is the ledger's to the micro-credit.
 */
let chats: ChatHome
let data: string
let serving: Started
let serverUrl = ''
let network: Cuttable

beforeEach(async () => {
  chats = chatHome()
  data = join(chats.dir, 'data')
  await serve()
  network = await cuttable(() => serverUrl)
})

afterEach(async () => {
  chats.remove()
  await network.close()
  serving.child.kill('SIGKILL')
  await serving.ended
})

async function serve(): Promise<void> {
  const started = await startServing(['--data', data], { env: chats.env })
  serving = started.serving
  serverUrl = started.url
}

async function owner(...words: string[]): Promise<string> {
  const { stdout, stderr, code } = await runCli(['--local', '--data', data, ...words], { env: chats.env })
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

const costs = (chat: TestTerminal) => chat.everything().match(/^↳ haiku/gm)?.length ?? 0
/** Holds once another answer has come some way. */
function streaming(chat: TestTerminal): (text: string) => boolean {
  const count = (text: string) => text.match(/\bword12\b/g)?.length ?? 0
  const before = count(chat.everything())
  return (text) => count(text) > before
}

/** Sends a message and waits until it was billed. */
async function turn(chat: TestTerminal, text: string): Promise<void> {
  const before = costs(chat)
  chat.type(`${text}${KEYS.enter}`)
  await chat.until(() => costs(chat) > before)
}

test('an hour of use: every message in the history, the total equal to the ledger, the terminal whole', {
  timeout: 180_000
}, async () => {
  const { key } = JSON.parse(await owner('keys', 'create', '--name', 'chat', '--scope', 'cli', '--json'))
  const { users } = JSON.parse(await owner('admin', 'users', 'list', '--json'))
  const [{ username }] = users
  const env = { ...chats.env, CAICAINI_API_KEY: key, CAICAINI_BASE_URL: network.url }
  const chat = await chats.openRemote({ env, rows: 30 })
  const said: string[] = []
  const say = async (text: string, shown = text) => {
    said.push(shown)
    await turn(chat, text)
  }

  for (let n = 1; n <= 30; n++) {
    await say(`question number ${n}`)
    if (n % 5 === 0) chat.resize([60, 100, 80][n % 3] ?? 80, [20, 40, 30][n % 3] ?? 30)
  }
  const lines = (count: number) => `\u001b[200~${'line\r'.repeat(count)}\u001b[201~`
  for (const count of [12, 300]) await say(`${lines(count)}`, 'line')
  for (let n = 0; n < 3; n++) {
    // Stopped in the middle: what was delivered is billed.
    said.push(`stop ${n}`)
    const before = costs(chat)
    chat.type(`[sandbox slow 30] [sandbox words 300] stop ${n}${KEYS.enter}`)
    await chat.until(streaming(chat))
    chat.type(KEYS.escape)
    await chat.until(() => costs(chat) > before)
  }
  // The network is lost in the middle of an answer, and comes back.
  said.push('lost')
  let before = costs(chat)
  chat.type(`[sandbox slow 30] [sandbox words 300] lost${KEYS.enter}`)
  await chat.until(streaming(chat))
  network.cut()
  await chat.until('the answer was cut short: the connection was lost')
  network.mend()
  await chat.until(() => costs(chat) > before)
  await say('after the network')

  // The server is killed before it answers, and started again.
  serving.child.kill('SIGKILL')
  await serving.ended
  said.push('while it was gone')
  before = costs(chat)
  chat.type(`while it was gone${KEYS.enter}`)
  await chat.until(/reconnecting in \d+ s/)
  await serve()
  await chat.until(() => costs(chat) > before)

  // A rate limit: it would be waited out; Esc takes the message back, and it is sent once the limit is gone.
  await owner('admin', 'users', 'limits', username, '--rpm', '1')
  said.push('limited')
  before = costs(chat)
  chat.type(`limited${KEYS.enter}`)
  await chat.until(/sending again in \d+ s/)
  await owner('admin', 'users', 'limits', username, '--clear')
  chat.type(KEYS.escape)
  await chat.until(/› limited\s*$/)
  chat.type(KEYS.enter)
  await chat.until(() => costs(chat) > before)

  // No credits: it goes on once there are some.
  const { balance } = JSON.parse(await owner('balance', '--json'))
  await owner('admin', 'credits', 'adjust', username, String(balance), '--reason', 'a test')
  said.push('broke')
  before = costs(chat)
  chat.type(`broke${KEYS.enter}`)
  await chat.until('waiting for credits')
  await owner('admin', 'credits', 'grant', username, '100')
  await chat.until(() => costs(chat) > before)
  while (said.length < 50) await say(`last ones ${said.length}`)

  chat.type(KEYS.ctrlD)
  const ended = await chat.ended
  expect(ended.code).toBe(0)
  expect(ended.stty).toMatch(/[^-]icanon/)

  const total = Number(/^\d+ answers · ([\d,.]+) credits/m.exec(chat.everything())?.[1]?.replaceAll(',', ''))
  const audit = JSON.parse(await owner('admin', 'ledger', 'audit', '--json'))
  expect(audit).toMatchObject({ ok: true, holds_open: 0 })
  expect(Math.round(total * 1e6)).toBe(Math.round(audit.totals.spent * 1e6))
  const [{ id }] = JSON.parse(`[${(await owner('chats', 'list', '--json')).trim().split('\n').join(',')}]`)
  const { messages } = JSON.parse(await owner('chats', 'show', id, '--json'))
  const asked = messages.filter(({ role }: { role: string }) => role === 'user').map(textOf)
  for (const text of said) expect(asked.filter((one: string) => one.includes(text)).length, text).toBeGreaterThan(0)
  expect(asked).toHaveLength(50)
})

function textOf({ content }: { content: { text?: string }[] }): string {
  return content.map(({ text = '' }) => text).join('\n')
}
