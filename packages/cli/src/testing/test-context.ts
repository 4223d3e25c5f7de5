import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { generateApiKey } from '@caicaini/protocol'
import { onTestFinished } from 'vitest'
import { type Context, createContext, type Facts, type Globals, type StopSignal } from '../context.js'
import { createIo, type Env, type Streams } from '../lib/io.js'
import { createFakeClock, type FakeClock } from './fake-clock.js'
import { type Play, type PlayedTransport, playTransport } from './play-transport.js'

/** A well-formed key that no server knows. */
export const KEY = generateApiKey((length) => new Uint8Array(length).fill(7))

export interface TestContext {
  readonly context: Context
  readonly facts: Facts
  readonly clock: FakeClock
  readonly server: PlayedTransport
  /** Where this test's settings and data lie. */
  readonly home: string
  stdout(): string
  stderr(): string
  /** What the process would get. */
  raise(signal: StopSignal): void
}

export interface TestOptions {
  /** All of stdin; without it stdin is a terminal that nobody types on. */
  readonly stdin?: string | Readable
  readonly stdoutTty?: boolean
  readonly stderrTty?: boolean
  readonly env?: Env
  readonly globals?: Globals
  readonly play?: Play
}

/** Everything a command needs, in memory but for a home directory of its own. */
export function createTestContext(options: TestOptions = {}): TestContext {
  const home = mkdtempSync(join(tmpdir(), 'caicaini-unit-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const clock = createFakeClock()
  const server = playTransport(options.play ?? (() => ({ status: 404 })))
  const { streams, stdout, stderr } = memoryStreams(options)
  const handlers = new Set<(signal: StopSignal) => void>()
  const env = { HOME: home, CAICAINI_API_KEY: KEY, ...options.env }
  const facts: Facts = {
    io: createIo(streams, env),
    env,
    clock,
    random: () => 0.5,
    platform: 'linux',
    version: '0.0.0-test',
    cwd: home,
    transport: async () => server,
    onSignal(_signals, handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    onEachSignal: () => () => {}
  }
  return {
    context: createContext(facts, options.globals ?? {}),
    facts,
    clock,
    server,
    home,
    stdout,
    stderr,
    raise: (signal) => {
      for (const handler of handlers) handler(signal)
    }
  }
}

function memoryStreams({ stdin, stdoutTty = false, stderrTty = false }: TestOptions) {
  const input = stdin === undefined ? Object.assign(new PassThrough(), { isTTY: true }) : readableOf(stdin)
  const [stdout, readStdout] = memorySink(stdoutTty)
  const [stderr, readStderr] = memorySink(stderrTty)
  const streams: Streams = { stdin: input, stdout, stderr }
  return { streams, stdout: readStdout, stderr: readStderr }
}

function readableOf(stdin: string | Readable): Readable {
  return typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]) : stdin
}

function memorySink(isTTY: boolean): [Writable & { isTTY: boolean; columns: number }, () => string] {
  let text = ''
  const sink = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += chunk
      done()
    }
  })
  return [Object.assign(sink, { isTTY, columns: 80 }), () => text]
}
