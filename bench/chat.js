/* The chat in a pseudo-terminal: how soon it asks, how soon it shows a key, and what an answer and a long talk take. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateApiKey } from '../packages/protocol/src/api-key.ts'
import { openProgram, stepAside } from './lib/chat-terminal.js'
import { cli } from './lib/cli.js'
import { startPart } from './lib/part.js'
import { quantile, median } from './lib/stats.js'

const ONLY = process.env.BENCH_CHAT?.split(",")
const STARTS = 15
const KEYS = 300
const KEY_MS = 100
const LINE_KEYS = 50
const TOKENS = 20_000
const FAST = 2_000
const TURNS = 200
/** Measured turns, at the beginning and at the end of a long talk. */
const TURNS_MEASURED = 5
const TURN_TOKENS = 400
const STREAM_A_SECOND = 200
const ENTER = '\r'
const CTRL_U = '\u0015'

export async function* bench({ chats = [] } = {}) {
  if (process.platform !== 'linux') {
    yield { what: 'the chat is measured on Linux alone' }
    return
  }
  stepAside()
  const server = await startPart('chat-server', { core: 0 })
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
  const setup = { folder, url: server.ready.url }
  try {
    for (const [name, part] of Object.entries({ firstPrompt, keys, longAnswer, longTalk })) {
      if (!ONLY || ONLY.includes(name)) yield* part(setup, chats)
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function envOf({ folder, url }) {
  return {
    HOME: folder,
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    CAICAINI_KEYCHAIN: 'off',
    CAICAINI_API_KEY: generateApiKey(randomBytes),
    CAICAINI_BASE_URL: url
  }
}

/** A chat of which nothing is kept, so that each is like the first. */
function openChat(setup) {
  const profiling = process.env.BENCH_NODE_ARGS?.split(' ') ?? []
  const command = [process.execPath, ...profiling, cli, '-m', 'haiku', '--no-save']
  return openProgram(command, { env: envOf(setup), cwd: setup.folder })
}

async function* firstPrompt(setup, peers) {
  const times = { node: [], chat: [] }
  for (let i = 0; i < STARTS; i++) {
    const startedAt = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    times.node.push(performance.now() - startedAt)
    const chat = openChat(setup)
    times.chat.push((await chat.until(() => /^› ?$/.test(chat.cursorLine()))) - chat.startedAtMs)
    await chat.until(() => /balance 1,000,000/.test(chat.screen()))
    await chat.close()
  }
  yield lineOf('first prompt, beside node -e 0', {
    value: median(times.chat),
    beside: median(times.node),
    atMost: 250,
    unit: 'ms',
    note: `slowest ${Math.max(...times.chat).toFixed(0)} ms`
  })
  for (const { name, command, asks } of peers) {
    const others = []
    for (let i = 0; i < STARTS; i++) {
      const program = openProgram(command, { env: envOf(setup), cwd: setup.folder })
      others.push((await program.until(() => asks.test(program.screen()))) - program.startedAtMs)
      await program.close()
    }
    yield lineOf(`${name}, first prompt`, { value: median(others), beside: median(times.node), unit: 'ms' })
  }
}

/** Letters typed one by one while an answer comes; the yardstick are the same letters while nothing does. */
async function* keys(setup) {
  const chat = openChat(setup)
  await ready(chat)
  const idle = await typeKeys(chat, KEYS / 3)
  const seconds = (KEYS * (KEY_MS + 30)) / 1000 + 10
  await ask(chat, `markdown ${Math.ceil(seconds * STREAM_A_SECOND)} ${STREAM_A_SECOND}`)
  await chat.until(() => /tokens · /.test(chat.screen()))
  const busy = await typeKeys(chat, KEYS)
  await chat.close()
  for (const [share, name, atMost] of [
    [0.5, 'median', undefined],
    [0.99, '99th', 16]
  ]) {
    yield lineOf(`key on the screen at ${STREAM_A_SECOND} tokens/s, ${name}; idle`, {
      value: quantile(busy, share),
      beside: quantile(idle, share),
      atMost,
      unit: 'ms',
      digits: 1
    })
  }
}

async function typeKeys(chat, count) {
  const times = []
  let typed = ''
  for (let i = 0; i < count; i++) {
    if (typed.length === LINE_KEYS) {
      chat.type(CTRL_U)
      typed = ''
      await chat.until(() => /^› ?$/.test(chat.cursorLine()))
    }
    typed += 'abcdefghijklmnopqrstuvwxyz'[i % 26]
    await sleep(KEY_MS * (0.7 + 0.6 * Math.random()))
    const typedAt = performance.now()
    chat.type(typed.at(-1))
    const expected = `› ${typed}`
    times.push((await chat.until(() => chat.cursorLine() === expected)) - typedAt)
  }
  chat.type(CTRL_U)
  await chat.until(() => /^› ?$/.test(chat.cursorLine()))
  return times
}

/** CPU of one long answer; the yardstick is print mode, which only passes it on. */
async function* longAnswer(setup) {
  for (const kind of ['words', 'markdown']) {
    const chat = openChat(setup)
    await ready(chat)
    const before = chat.cpuMs()
    await answered(chat, { kind, tokens: TOKENS, perSecond: FAST })
    const value = chat.cpuMs() - before
    await chat.close()
    const beside = await printCpuMs(`${kind} ${TOKENS} ${FAST}`, setup)
    yield lineOf(`CPU of ${TOKENS} tokens of ${kind}; print mode`, { value, beside, unit: 'ms' })
  }
}

async function printCpuMs(question, setup) {
  const child = spawn('sh', ['-c', '"$0" "$1" -p "$2" >/dev/null 2>&1; cat /proc/$$/stat', process.execPath, cli, question], {
    env: { ...envOf(setup) },
    stdio: ['ignore', 'pipe', 'ignore']
  })
  let stat = ''
  child.stdout.on('data', (data) => {
    stat += data
  })
  await once(child, 'close')
  // What the shell's children took that it waited for.
  const [user, system] = stat.replace(/^.*\) /s, '').split(' ').slice(13)
  return (Number(user) + Number(system)) * 10
}

/** A session of many turns: whether the last take more than the first, of CPU for each update and of memory. */
async function* longTalk(setup) {
  const chat = openChat(setup)
  await ready(chat)
  await answered(chat, { tokens: 100, perSecond: 0 })
  const memory = { early: 0, late: 0 }
  const early = await measureTurns(chat)
  memory.early = chat.residentBytes()
  for (let turn = 2 + TURNS_MEASURED; turn <= TURNS - TURNS_MEASURED; turn++) {
    // Odd and even, so that one answer is told from the next.
    await answered(chat, { tokens: 100 + (turn % 2), perSecond: 0 })
  }
  const late = await measureTurns(chat)
  memory.late = chat.residentBytes()
  await chat.close()
  yield lineOf(`CPU of a streamed token, turn ${TURNS}; turn 2`, {
    value: late,
    beside: early,
    unit: 'µs',
    aim: 1.2
  })
  yield lineOf(`resident memory after ${TURNS} turns; after ${1 + TURNS_MEASURED}`, {
    value: memory.late / 1e6,
    beside: memory.early / 1e6,
    unit: 'MB'
  })
}

/** CPU microseconds for each token. */
async function measureTurns(chat) {
  const before = chat.cpuMs()
  for (let i = 0; i < TURNS_MEASURED; i++) {
    await answered(chat, { tokens: TURN_TOKENS + (i % 2), perSecond: STREAM_A_SECOND })
  }
  return ((chat.cpuMs() - before) * 1000) / (TURNS_MEASURED * TURN_TOKENS)
}

async function ready(chat) {
  await chat.until(() => /balance 1,000,000/.test(chat.screen()))
  // Loading goes on a little after the first picture.
  await sleep(500)
}

async function ask(chat, question) {
  chat.type(question)
  await chat.until(() => chat.cursorLine() === `› ${question}`)
  chat.type(ENTER)
}

/** Asks for an answer of `tokens`, and waits until its cost is said and the next may be typed. */
async function answered(chat, { kind = 'words', tokens, perSecond }) {
  await ask(chat, `${kind} ${tokens} ${perSecond}`)
  const cost = new RegExp(`↳ haiku · 100 in · ${tokens.toLocaleString('en-US')} out[^↳]*\\n› *\\n*$`)
  await chat.until(() => cost.test(chat.screen()))
}

function lineOf(what, { value, beside, atMost, aim, unit, digits = 0, note }) {
  const ratio = value / beside
  return {
    what,
    measured: `${value.toFixed(digits)} ${unit}`,
    yardstick: `${beside.toFixed(digits)} ${unit}`,
    ratio: `${ratio.toFixed(2)} ×`,
    ...(atMost !== undefined && { aim: `≤ ${atMost} ${value <= atMost ? '✓' : '✗'}` }),
    ...(aim !== undefined && { aim: `≤ ${aim} × ${ratio <= aim ? '✓' : '✗'}` }),
    ...(note && { note })
  }
}
