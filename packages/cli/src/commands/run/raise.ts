import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { creditsPhrase } from '../../lib/money-text.js'
import { parseCreditsOption } from '../../lib/option-values.js'
import { toJsonLine } from '../../lib/sanitize.js'
import { findRun } from '../../run/sessions.js'

export interface Options {
  readonly session?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<credits>', 'how much more it may spend', parseCreditsOption)
    .option('--session <id>', 'which, where several run: as the refusal lists them')
    .option('--json', 'the session key as JSON')
    .action((credits: number, options: Options) => run(credits, options, context()))
}

/** More credits for what runs, at once. */
export async function run(credits: number, { session, json }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const found = findRun(await api.listSessions(), session)
  const cap = Math.round((found.cap + credits) * 1e6) / 1e6
  const raised = await api.capSession(found.id, cap)
  if (json) return context.io.out(toJsonLine(raised))
  context.io.out(
    `${found.label}: ${creditsPhrase(raised.cap)} in all, ${creditsPhrase(raised.spent, 2)} of which are spent\n`
  )
}
