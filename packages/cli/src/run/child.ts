import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Context } from '../context.js'
import { CliError } from '../lib/cli-error.js'
import type { Env } from '../lib/io.js'

/** As shells say it: nothing of that name, or nothing that can be run. */
const NOT_FOUND = 127
const NOT_RUNNABLE = 126

/** Runs a command on our own streams until it ends; its exit code, or 128 and the signal that ended it. */
export function startChild(
  command: string,
  args: readonly string[],
  { env, context }: { env: Env; context: Pick<Context, 'io' | 'onEachSignal' | 'cwd'> }
): Promise<number> {
  const { io, onEachSignal, cwd } = context
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...env }, cwd })
    const unwatch = onEachSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], (signal) => {
      // A terminal sends Ctrl-C to everything that runs on it: twice would be another wish.
      if (signal !== 'SIGINT' || !io.stdinIsTty) child.kill(signal)
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      unwatch()
      const exit = error.code === 'ENOENT' ? NOT_FOUND : error.code === 'EACCES' ? NOT_RUNNABLE : undefined
      if (exit === undefined) return reject(new CliError(1, `${command} cannot be run: ${error.message}`))
      io.err(`caicaini: ${command}: ${exit === NOT_FOUND ? 'there is no such command' : 'it cannot be run'}\n`)
      resolve(exit)
    })
    child.on('close', (code, signal) => {
      unwatch()
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
    })
  })
}
