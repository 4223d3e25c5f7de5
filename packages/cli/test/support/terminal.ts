import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { childOf } from './child-of.js'
import { CLI, NODE } from './run-cli.js'

export interface TerminalOptions {
  readonly env: Record<string, string>
  readonly columns?: number
  readonly rows?: number
  readonly cwd?: string
  /** What the terminal says it is. */
  readonly term?: string
}

/** A real pseudo-terminal with the command line in it, and a terminal emulator that shows what a user sees. */
export interface TestTerminal {
  /** The rows on the screen, without trailing spaces. */
  screen(): string[]
  /** Everything from the first row of the scrollback on. */
  everything(): string
  /** The same as it copies out: rows that the terminal folded are one line. */
  copied(): string
  /** What the cursor stands at: row and column on the screen, from 0. */
  cursor(): { row: number; column: number }
  type(text: string): void
  resize(columns: number, rows: number): void
  /** Resolves once `seen` holds for what is shown; rejects with what is shown when the process ends before. */
  until(seen: string | RegExp | ((everything: string) => boolean)): Promise<void>
  /** Calls `listener` with each piece that is written to the terminal. */
  onData(listener: (data: string) => void): void
  /** All that was written to the terminal, escape sequences and all. */
  raw(): string
  kill(signal: string): void
  /** Exit code of the program and the terminal's settings after it, as `stty` shows them. */
  readonly ended: Promise<{ code: number; stty: string }>
  /** Ends what still runs. */
  close(): void
}

const ENTER = '\r'
export const KEYS = { enter: ENTER, escape: '\u001b', ctrlC: '\u0003', ctrlD: '\u0004', ctrlJ: '\n', up: '\u001b[A' }

/** Far longer than anything takes, so that a failure shows the screen. */
const UNTIL_LIMIT_MS = 20_000

/** A shell runs the program, says how it ended, and then in what state the terminal was left. */
const SCRIPT = '"$0" "$@"; echo "[ended $?]"; stty -a'

export function openTerminal(
  args: readonly string[],
  { env, columns = 80, rows = 24, cwd, term = 'xterm-256color' }: TerminalOptions
): TestTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 10_000 })
  const pty = spawn('/bin/sh', ['-c', SCRIPT, NODE, CLI, ...args], {
    name: term,
    ...(cwd === undefined ? {} : { cwd }),
    cols: columns,
    rows,
    env: { ...env, PATH: `${env.PATH}:/usr/bin:/bin`, TERM: term }
  })
  let raw = ''
  const waiting = new Set<() => void>()
  const lines = (from: number) => {
    const { active } = emulator.buffer
    return Array.from(
      { length: active.length - from },
      (_, i) => active.getLine(from + i)?.translateToString(true) ?? ''
    )
  }
  const everything = () => lines(0).join('\n')
  pty.onData((data) => {
    raw += data
    emulator.write(data, () => {
      for (const check of waiting) check()
    })
  })
  // The emulator answers what programs ask a terminal.
  emulator.onData((data) => pty.write(data))
  const exited = Promise.withResolvers<void>()
  pty.onExit(() => exited.resolve())
  return {
    screen: () => lines(emulator.buffer.active.baseY),
    everything,
    copied() {
      const { active } = emulator.buffer
      const rows = Array.from({ length: active.length }, (_, i) => active.getLine(i))
      return rows.reduce((text, row, i) => {
        const isFolded = rows[i + 1]?.isWrapped === true
        return text + (row?.isWrapped || i === 0 ? '' : '\n') + (row?.translateToString(!isFolded) ?? '')
      }, '')
    },
    cursor: () => ({ row: emulator.buffer.active.cursorY, column: emulator.buffer.active.cursorX }),
    type: (text) => pty.write(text),
    resize(newColumns, newRows) {
      emulator.resize(newColumns, newRows)
      pty.resize(newColumns, newRows)
    },
    until(seen) {
      const holds = () => {
        const text = everything()
        if (typeof seen === 'function') return seen(text)
        return typeof seen === 'string' ? text.includes(seen) : seen.test(text)
      }
      return new Promise((resolve, reject) => {
        const fail = (why: string) => reject(new Error(`${why}, not seen: ${seen}\n${everything()}`))
        const limit = setTimeout(() => fail('gave up'), UNTIL_LIMIT_MS)
        const check = () => {
          if (!holds()) return
          clearTimeout(limit)
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
        void exited.promise.then(() => setTimeout(() => fail('it ended'), 100))
      })
    },
    onData: (listener) => void pty.onData(listener),
    raw: () => raw,
    kill: (signal) => process.kill(childOf(pty.pid), signal),
    ended: exited.promise.then(() => ({
      code: Number(/\[ended (\d+)\]/.exec(raw)?.[1] ?? Number.NaN),
      stty: raw.slice(raw.lastIndexOf('[ended'))
    })),
    close: () => {
      try {
        pty.kill('SIGKILL')
      } catch {
        // It has ended.
      }
    }
  }
}
