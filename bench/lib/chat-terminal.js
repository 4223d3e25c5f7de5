/* A program in a pseudo-terminal on the second core, seen through an emulator; Linux tells what it takes. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import pty from '@lydell/node-pty'
import xterm from '@xterm/headless'

const LIMIT_MS = 90_000
const TICK_MS = 10
const PAGE_BYTES = 4096
const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).error === undefined

/** Keeps this process off the core of what is measured. */
export function stepAside() {
  if (canPin) spawnSync('taskset', ['-cp', '0', String(process.pid)])
}

export function openProgram(command, { env, cwd, columns = 100, rows = 30 }) {
  const startedAtMs = performance.now()
  const [program, ...args] = canPin ? ['taskset', '-c', '1', ...command] : command
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 })
  const child = pty.spawn(program, args, { cols: columns, rows, cwd, env })
  const checks = new Set()
  child.onData((data) =>
    emulator.write(data, () => {
      for (const check of checks) check()
    })
  )
  emulator.onData((data) => child.write(data))
  let hasEnded = false
  const exited = new Promise((resolve) =>
    child.onExit(() => {
      hasEnded = true
      resolve()
    })
  )
  const { active } = emulator.buffer
  const line = (row) => active.getLine(active.baseY + row)?.translateToString(true) ?? ''
  return {
    startedAtMs,
    screen: () => Array.from({ length: rows }, (_, row) => line(row)).join('\n'),
    /** The row that the cursor stands in. */
    cursorLine: () => line(active.cursorY),
    type: (text) => child.write(text),
    /** Resolves with the time when `holds` did, looked at after everything that the program drew. */
    until(holds) {
      return new Promise((resolve, reject) => {
        const fail = (why) => {
          clearTimeout(limit)
          reject(new Error(`${why}: ${command.at(-1)} shows\n${this.screen()}`))
        }
        const limit = setTimeout(() => fail('it takes too long'), LIMIT_MS)
        const check = () => {
          if (!holds()) return
          clearTimeout(limit)
          checks.delete(check)
          resolve(performance.now())
        }
        checks.add(check)
        check()
        void exited.then(() => fail('it ended'))
      })
    },
    cpuMs: () => cpuMsOf(child.pid),
    residentBytes: () => Number(readFileSync(`/proc/${child.pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES,
    async close() {
      if (!hasEnded) child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await exited
      clearTimeout(late)
    }
  }
}

/** User and system time of a process with all its threads (proc(5)). */
function cpuMsOf(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11)
  return (Number(user) + Number(system)) * TICK_MS
}
