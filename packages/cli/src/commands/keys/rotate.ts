import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { usageError } from '../../lib/cli-error.js'
import { parseDurationOption } from '../../lib/option-values.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'
import { type ChangeFlags, defineChange, findKey } from './change.js'

export interface Options extends ChangeFlags {
  /** Milliseconds. */
  readonly overlap?: number
}

const OVERLAP_MS = 86_400_000

export function define(command: Command, context: () => Context): void {
  command.option(
    '--overlap <time>',
    'how long the text before stays good: 24h when left out, 0 = no longer',
    parseDurationOption
  )
  defineChange(command, context, run)
}

/** Prints the new text alone on stdout, so that `$(…)` takes it. A key makes no other: elsewhere it is done on a page. */
export async function run(idOrName: string, options: Options, context: Context): Promise<void> {
  const { overlap = OVERLAP_MS, user, json } = options
  const { io } = context
  const target = context.target()
  if (target.kind === 'remote')
    throw usageError(
      `a key rotates no other: do it at ${target.baseUrl}/account/keys, or with --local on the server's machine`
    )
  const api = await context.api()
  const { id } = findKey(await api.listKeys(user), idOrName)
  const made = await api.rotateKey(id, Math.round(overlap / 1000), user)
  if (json) return io.out(toJsonLine(made))
  io.out(`${neutraliseLine(made.key)}\n`)
  const until = made.former_until === null ? 'refused from now on' : `good until ${made.former_until.slice(0, 16)}Z`
  io.err(`${neutraliseLine(`Key ${made.id} "${made.name}" has this text from now on; the one before is ${until}`)}.\n`)
}
