import { type AppError, ERRORS, EXIT, type ExitCode, isErrorCode } from '@caicaini/protocol'
import { type Context, createContext, type Facts, type StopSignal } from './context.js'
import { ChildEnded, CliError, OutputClosed } from './lib/cli-error.js'
import { systemClock } from './lib/clock.js'
import { createIo, type Env, type Io } from './lib/io.js'
import { neutralise } from './lib/sanitize.js'
import { runProgram } from './program.js'
import { VERSION } from './version.js'

/** Runs `argv` in this process: the one place where errors become messages and exit codes. */
export async function runProcess(argv: readonly string[], env: Env): Promise<void> {
  const io = createIo(process, env)
  const facts: Facts = {
    io,
    env,
    clock: systemClock,
    random: Math.random,
    platform: process.platform,
    version: VERSION,
    cwd: process.cwd(),
    program: import.meta.filename,
    onSignal,
    onEachSignal
  }
  process.exitCode = await runToExitCode(argv, facts)
}

/** Runs `argv`, prints what went wrong and lets go of everything. */
export async function runToExitCode(argv: readonly string[], facts: Facts): Promise<number> {
  const { io, env, version } = facts
  let context: Context | undefined
  const makeContext = (globals: Context['globals']) => {
    context = createContext(facts, globals)
    return context
  }
  let exit: number = EXIT.ok
  try {
    await runProgram(argv, { io, version, makeContext })
  } catch (error) {
    exit = report(error, { io, env })
  }
  try {
    await context?.close()
  } catch (error) {
    exit = exit || report(error, { io, env })
  }
  return exit
}

function report(error: unknown, { io, env }: { io: Io; env: Env }): number {
  if (error instanceof OutputClosed) return EXIT.ok
  if (error instanceof ChildEnded) return error.exit
  if (env.CAICAINI_DEBUG === '1' && error instanceof Error) io.err(`${error.stack}\n`)
  const { exit, message } = describe(error)
  if (message && exit !== EXIT.interrupted) io.err(`caicaini: ${neutralise(message)}\n`)
  return exit
}

function describe(error: unknown): { exit: ExitCode; message: string } {
  if (error instanceof CliError) return { exit: error.exit, message: error.message }
  if (isAppError(error)) return { exit: ERRORS[error.code].exit, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  return { exit: EXIT.other, message: `unexpected error: ${message} (CAICAINI_DEBUG=1 tells more)` }
}

/** By its name, for the embedded server is a bundle with a class of its own. */
function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error && isErrorCode(error.code)
}

/** The launcher passes on what a terminal sends to us both: within this time two are one. */
const SAME_SIGNAL_MS = 300

/** The first signal is ours to answer; a later one ends the process at once, as if we had not listened. */
function onSignal(signals: readonly StopSignal[], handler: (signal: StopSignal) => void): () => void {
  let answered = false
  const unwatch = () => {
    for (const signal of signals) process.off(signal, answer)
  }
  const answer = (signal: NodeJS.Signals) => {
    if (answered) return
    answered = true
    setTimeout(unwatch, SAME_SIGNAL_MS).unref()
    handler(signal as StopSignal)
  }
  for (const signal of signals) process.on(signal, answer)
  return unwatch
}

function onEachSignal(signals: readonly StopSignal[], handler: (signal: StopSignal) => void): () => void {
  const answer = (signal: NodeJS.Signals) => handler(signal as StopSignal)
  for (const signal of signals) process.on(signal, answer)
  return () => {
    for (const signal of signals) process.off(signal, answer)
  }
}
