import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHome, type Home, runCli } from './support/run-cli.js'
import { KEYS, openTerminal, type TerminalOptions, type TestTerminal } from './support/terminal.js'

let home: Home
let terminal: TestTerminal | undefined

beforeEach(() => {
  home = createHome()
})

afterEach(() => {
  terminal?.close()
  terminal = undefined
  home.remove()
})

/** The chat over the embedded server with its sandbox, ready for typing. */
async function openChat(options: Partial<TerminalOptions> = {}, words: string[] = []): Promise<TestTerminal> {
  terminal = openTerminal(['--local', '-m', 'haiku', ...words], { env: home.env, ...options })
  await terminal.until(/balance 10,000/)
  return terminal
}

/** The terminal after the program: line editing and echo on, the cursor shown, pastes unmarked, nothing cleared. */
async function expectWhole(chat: TestTerminal, code = 0): Promise<void> {
  const end = await chat.ended
  expect(end.code).toBe(code)
  expect(end.stty).toMatch(/[^-]icanon/)
  expect(end.stty).toMatch(/[^-]echo\b/)
  const raw = chat.raw()
  expect(raw.lastIndexOf('\u001b[?25h')).toBeGreaterThanOrEqual(raw.lastIndexOf('\u001b[?25l'))
  expect(raw.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(raw.lastIndexOf('\u001b[?2004h'))
  for (const clearing of ['\u001b[?1049h', '\u001b[2J', '\u001b[3J', '\u001bc']) expect(raw).not.toContain(clearing)
}

async function balance(): Promise<number> {
  const { stdout } = await runCli(['--local', 'balance', '--json'], { env: home.env })
  return JSON.parse(stdout).balance
}

describe.each([
  [80, 24],
  [40, 12]
])('at %i columns and %i rows', (columns, rows) => {
  test('a question is answered, its cost said, and the balance falls by exactly that', async () => {
    const chat = await openChat({ columns, rows })
    chat.type(`say hello${KEYS.enter}`)
    await chat.until(/↳ haiku · .*credits/s)
    await chat.until((text) => /balance 9,999\.\d+$/m.test(text.split('›').at(-2) ?? ''))
    const text = chat.everything()
    expect(text).toContain('› say hello')
    expect(text.replace(/\s+/g, ' ')).toContain('This is the Caicaini sandbox: no model was asked.')
    chat.type(`/cost${KEYS.enter}`)
    await chat.until(/this session: 1 answer/)
    const spent = Number(/1 answer · ([\d.]+)/.exec(chat.everything())?.[1])
    chat.type(`/quit${KEYS.enter}`)
    await expectWhole(chat)
    expect(await balance()).toBe(Number((10_000 - spent).toFixed(6)))
  })

  test('Esc stops the answer, says what was delivered cost, and the chat goes on', async () => {
    const chat = await openChat({ columns, rows })
    chat.type(`[sandbox slow 40] [sandbox words 400]${KEYS.enter}`)
    await chat.until('word9')
    chat.type(KEYS.escape)
    await chat.until(/stopped\n↳ haiku.*estimated/s)
    expect(chat.everything()).not.toContain('word399')
    chat.type(`and now?${KEYS.enter}`)
    await chat.until(/“and\s+now\?”/)
    chat.type(KEYS.ctrlD)
    await expectWhole(chat)
  })
})

test('the conversation is sent whole, and each answer costs more than the one before', async () => {
  const chat = await openChat()
  const credits: number[] = []
  for (const question of ['first question', 'second question', 'third question']) {
    chat.type(`${question}${KEYS.enter}`)
    await chat.until((text) => (text.match(/↳/g)?.length ?? 0) > credits.length)
    credits.push(Number([...chat.everything().matchAll(/ ([\d,]+) in · /g)].at(-1)?.[1]))
  }
  expect(credits[1]).toBeGreaterThan(credits[0] ?? 0)
  expect(credits[2]).toBeGreaterThan(credits[1] ?? 0)
})

test('/model lists and changes, and the next answer comes from it; /NAME asks another one once', async () => {
  const chat = await openChat()
  chat.type(`/model${KEYS.enter}`)
  await chat.until(/haiku +1,000 in · 5,000 out · in use/)
  chat.type(`kimi${KEYS.enter}`)
  await chat.until(/^kimi · plan/m)
  chat.type(`hello${KEYS.enter}`)
  await chat.until('↳ kimi')
  chat.type(`/opus and you?${KEYS.enter}`)
  await chat.until('↳ opus')
  await chat.until(/^kimi · plan/m)
  chat.type(`/model nonsense${KEYS.enter}`)
  await chat.until('no model is named "nonsense"')
  chat.type(`/nonsense text${KEYS.enter}`)
  await chat.until('there is no command or model /nonsense')
})

test('a failed answer is said in the chat and the question is there again', async () => {
  const chat = await openChat()
  chat.type(`[sandbox fail 400] please${KEYS.enter}`)
  await chat.until(/sandbox was told to.*› \[sandbox fail 400\] please\s*$/s)
  chat.type(KEYS.ctrlC)
  chat.type(`fine${KEYS.enter}`)
  await chat.until('“fine”')
})

test('it survives resizing while it answers, and draws wide characters where they belong', async () => {
  const chat = await openChat()
  chat.type(`[sandbox slow 20] [sandbox words 80]${KEYS.enter}`)
  for (const [at, columns, rows] of [
    ['word10', 40, 12],
    ['word20', 120, 40],
    ['word30', 23, 8],
    ['word40', 80, 24]
  ] as const) {
    await chat.until((text) => text.replace(/\s/g, '').includes(at))
    chat.resize(columns, rows)
  }
  await chat.until('↳ haiku')
  chat.type('日本語 ok')
  await chat.until('› 日本語 ok')
  expect(chat.cursor().column).toBe(2 + 6 + 3)
  chat.type(`${KEYS.ctrlC}/quit${KEYS.enter}`)
  await expectWhole(chat)
})

test('a paste of several lines waits for Enter; Ctrl-J and backslash begin new lines', async () => {
  const chat = await openChat()
  chat.type('\u001b[200~one\rtwo\r\u001b[201~')
  await chat.until('  two')
  chat.type('three\\')
  chat.type(KEYS.enter)
  chat.type(`four${KEYS.ctrlJ}five`)
  await chat.until('  five')
  expect(chat.everything()).not.toContain('↳')
  chat.type(KEYS.enter)
  await chat.until(/5 words.*↳/s)
})

test('Ctrl-C stops, then clears, then leaves when pressed twice', async () => {
  const chat = await openChat()
  chat.type(`[sandbox slow 40] [sandbox words 400]${KEYS.enter}`)
  await chat.until('word9')
  chat.type(KEYS.ctrlC)
  await chat.until(/stopped.*↳/s)
  chat.type('a draft')
  await chat.until('› a draft')
  chat.type(KEYS.ctrlC)
  await chat.until((text) => !text.includes('a draft'))
  chat.type(KEYS.ctrlC)
  await chat.until('Ctrl-C again leaves')
  chat.type(KEYS.ctrlC)
  await expectWhole(chat)
})

test.each(['SIGTERM', 'SIGHUP'])(
  '%s in the middle of an answer settles it and leaves the terminal whole',
  async (signal) => {
    const chat = await openChat()
    chat.type(`[sandbox slow 40] [sandbox words 400]${KEYS.enter}`)
    await chat.until('word9')
    chat.kill(signal)
    await expectWhole(chat, 130)
    const { stdout } = await runCli(['--local', 'admin', 'ledger', 'audit', '--json'], { env: home.env })
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, holds_open: 0, receipts: 1 })
  }
)

test('NO_COLOR leaves all colour out', async () => {
  const chat = await openChat({ env: { ...home.env, NO_COLOR: '1' } })
  chat.type(`hello${KEYS.enter}`)
  await chat.until('↳ haiku')
  expect(
    chat
      .raw()
      .split('\u001b')
      .filter((sequence) => /^\[[\d;]*m/.test(sequence))
  ).toEqual([])
})

test('long answers are printed once: nothing that left the screen is drawn again', async () => {
  const chat = await openChat({ columns: 40, rows: 12 })
  chat.type(`[sandbox words 600]${KEYS.enter}`)
  await chat.until('↳ haiku')
  expect(chat.everything().match(/word300\b/g)).toHaveLength(1)
  chat.type(KEYS.ctrlD)
  await expectWhole(chat)
})
