/* The chat in a pseudo-terminal: how soon it asks, how soon it shows a key, and what an answer and a long talk take. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { generateApiKey } from '../packages/protocol/src/api-key.ts'
import { installChatPeers, settle } from './lib/chat-peers.js'
import { openProgram, stepAside } from './lib/chat-terminal.js'
import { cli } from './lib/cli.js'
import { startPart } from './lib/part.js'
import { median, quantile } from './lib/stats.js'

const echoProgram = fileURLToPath(new URL('./parts/echo.js', import.meta.url))

/** Some of its parts: firstPrompt, keys, longAnswer, longTalk. */
const ONLY = process.env.BENCH_CHAT?.split(',')
const ONLY_A_PROMPT = 'process.stdout.write("› "); setTimeout(() => {}, 60_000)'
const STARTS = 15
const STARTS_OF_A_PEER = 5
const KEYS = 200
const KEY_MS = 75
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

export async function* bench({ withPeers = false } = {}) {
  if (process.platform !== 'linux') {
    yield { what: 'the chat is measured on Linux alone' }
    return
  }
  const peers = withPeers ? installChatPeers((line) => console.log(line)) : []
  stepAside()
  const server = await startPart('chat-server', { core: 0 })
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
  const setup = { folder, url: server.ready.url }
  try {
    for (const [name, part] of Object.entries({ firstPrompt, keys, longAnswer, longTalk })) {
      if (!ONLY || ONLY.includes(name)) yield* part(setup, peers)
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

function openChat(setup) {
  const profiling = process.env.BENCH_NODE_ARGS?.split(' ') ?? []
  const command = [process.execPath, ...profiling, cli, '-m', 'haiku']
  return openProgram(command, { env: envOf(setup), cwd: setup.folder })
}

async function* firstPrompt(setup, peers) {
  const times = { node: [], chat: [] }
  for (let i = 0; i < STARTS; i++) {
    const node = openProgram([process.execPath, '-e', ONLY_A_PROMPT], { env: envOf(setup), cwd: setup.folder })
    times.node.push((await node.until(() => /^› ?$/.test(node.cursorLine()))) - node.startedAtMs)
    await node.close()
    const chat = openChat(setup)
    times.chat.push((await chat.until(() => /^› ?$/.test(chat.cursorLine()))) - chat.startedAtMs)
    await chat.until(() => /balance 1,000,000/.test(chat.screen()))
    await chat.close()
  }
  yield lineOf('first prompt; node that writes only it', {
    value: median(times.chat),
    beside: median(times.node),
    atMost: 250,
    unit: 'ms',
    note: `slowest ${Math.max(...times.chat).toFixed(0)} ms`
  })
  for (const peer of peers) {
    settle(peer, setup.folder)
    const others = []
    for (let i = 0; i < STARTS_OF_A_PEER; i++) {
      const program = openProgram(peer.command, { env: { ...envOf(setup), ...peer.env }, cwd: setup.folder })
      others.push((await program.until(() => peer.asks.test(program.screen()))) - program.startedAtMs)
      await program.close()
    }
    yield lineOf(`${peer.name}, first prompt`, { value: median(others), beside: median(times.node), unit: 'ms' })
  }
}

/** Letters typed one by one while an answer comes, in turn with a program that only echoes, and before it with none. */
async function* keys(setup) {
  const echo = openProgram([process.execPath, echoProgram], { env: envOf(setup), cwd: setup.folder })
  const chat = openChat(setup)
  await ready(chat)
  const idle = await typeKeys([chat, echo])
  const seconds = (KEYS * (2 * KEY_MS + 50)) / 1000
  await ask(chat, `markdown ${Math.ceil(seconds * STREAM_A_SECOND)} ${STREAM_A_SECOND}`)
  await chat.until(() => /tokens · /.test(chat.screen()))
  const busy = await typeKeys([chat, echo])
  await chat.close()
  await echo.close()
  for (const [what, [ours, bare]] of [
    [`key shown at ${STREAM_A_SECOND} tokens/s`, busy],
    ['key shown while nothing comes', idle]
  ]) {
    for (const [share, name, atMost] of [
      [0.5, 'median', undefined],
      [0.99, '99th', 16]
    ]) {
      const [value, beside] = [quantile(ours, share), quantile(bare, share)]
      yield lineOf(`${what}, ${name}; echo`, { value, beside, atMost, unit: 'ms', digits: 1 })
    }
  }
}

/** For each program the times until a letter was seen that was typed into it. */
async function typeKeys(programs) {
  const times = programs.map(() => [])
  let typed = ''
  for (let i = 0; i < KEYS; i++) {
    if (typed.length === LINE_KEYS) {
      for (const program of programs) await clear(program)
      typed = ''
    }
    typed += 'abcdefghijklmnopqrstuvwxyz'[i % 26]
    const expected = `› ${typed}`
    for (const [at, program] of programs.entries()) {
      await sleep(KEY_MS * (0.7 + 0.6 * Math.random()))
      const typedAt = performance.now()
      program.type(typed.at(-1))
      times[at].push((await program.until(() => program.cursorLine() === expected)) - typedAt)
    }
  }
  for (const program of programs) await clear(program)
  return times
}

async function clear(program) {
  program.type(CTRL_U)
  await program.until(() => /^› ?$/.test(program.cursorLine()))
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
  const child = spawn(
    'sh',
    ['-c', '"$0" "$1" -p "$2" >/dev/null 2>&1; cat /proc/$$/stat', process.execPath, cli, question],
    {
      env: { ...envOf(setup) },
      stdio: ['ignore', 'pipe', 'ignore']
    }
  )
  let stat = ''
  child.stdout.on('data', (data) => {
    stat += data
  })
  await once(child, 'close')
  // What the shell's children took that it waited for.
  const [user, system] = stat
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(13)
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
  const warm = await warmTurns(setup)
  yield lineOf(`CPU of a streamed token, turn ${TURNS}; turn 3, as warm`, {
    value: late,
    beside: warm,
    unit: 'µs',
    aim: 1.2
  })
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

/** The third turns of a chat whose code has run as long: later ones are not to look good because the first were cold. */
async function warmTurns(setup) {
  const chat = openChat(setup)
  await ready(chat)
  await answered(chat, { tokens: TURNS * 100, perSecond: 0 })
  await measureTurns(chat)
  const warm = await measureTurns(chat)
  await chat.close()
  return warm
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
  // The draft of the chat before, which was killed, is there again.
  await clear(chat)
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
