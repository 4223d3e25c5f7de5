import { appendFileSync, rmSync } from 'node:fs'
import type { Receipt } from '@caicaini/protocol'
import { parseJson } from '../lib/api-errors.js'
import { CliError } from '../lib/cli-error.js'
import { readIfThere } from '../lib/config.js'
import { writeWhole } from '../lib/out-file.js'
import { toJsonLine } from '../lib/sanitize.js'
import type { Job } from './input.js'

/** A line of the output: an answer, or why there is none. */
export interface Answered {
  readonly line: number
  readonly id: string | number | null
  readonly text?: string
  readonly model?: string
  readonly stop_reason?: string | null
  readonly route_reason?: string | null
  readonly receipt?: Receipt | null
  readonly request_id?: string | null
  readonly error?: { readonly exit: number; readonly code: string | null; readonly message: string }
  readonly key: string
}

/** The answers of a batch, each on disk as soon as it is there. */
export interface Answers {
  /** Those from before that fit a line of the input, by their keys. */
  readonly known: ReadonlyMap<string, Answered>
  add(answered: Answered): void
  /** All of them in the order of the input, whole; what was on the way is let go. */
  finish(jobs: readonly Job[]): Promise<void>
}

/** `output` has them in order; beside it `.part` has them as they came, until the end. */
export function openAnswers(output: string, jobs: readonly Job[]): Answers {
  const part = `${output}.part`
  const asked = new Set(jobs.map(({ key }) => key))
  const all = new Map<string, Answered>()
  for (const answered of [...linesOf(output), ...linesOf(part)]) {
    // One that failed is asked again; one of another input is not ours to keep.
    if (asked.has(answered.key) && answered.error === undefined) all.set(answered.key, answered)
  }
  return {
    known: new Map(all),
    add(answered) {
      all.set(answered.key, answered)
      try {
        appendFileSync(part, toJsonLine(answered), { mode: 0o600 })
      } catch (error) {
        throw new CliError(1, `${part}: cannot be written: ${(error as Error).message}`, { cause: error })
      }
    },
    async finish(ordered) {
      const lines = ordered.flatMap(({ key, line, id }) => {
        const answered = all.get(key)
        return answered ? [Buffer.from(toJsonLine({ ...answered, line, id }))] : []
      })
      await writeWhole(output, lines, 0o600)
      rmSync(part, { force: true })
    }
  }
}

/** A line that was cut by a crash is none. */
function linesOf(path: string): Answered[] {
  return (readIfThere(path) ?? '').split('\n').flatMap((line) => {
    const value = line === '' ? undefined : parseJson(line)
    const isOurs = typeof value === 'object' && value !== null && typeof (value as Answered).key === 'string'
    return isOurs ? [value as Answered] : []
  })
}
