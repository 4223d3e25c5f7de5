import type { Standing } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { showCredits } from '../../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly reason: string
  readonly note?: string
  readonly forfeit?: boolean
  readonly json?: boolean
}

/** Declares what stopping an account takes. */
export function defineDecision(
  command: Command,
  context: () => Context,
  run: (username: string, options: Options, context: Context) => Promise<void>
): void {
  command
    .argument('<username>', 'whose account')
    .requiredOption('--reason <text>', 'why: the account is told')
    .option('--note <text>', 'more, for operators alone')
    .option('--forfeit', 'take all its credits, too')
    .option('--json', 'what was decided, as JSON')
    .action((username: string, options: Options) => run(username, options, context()))
}

/** Stops the account and says so. */
export async function stopAccount(
  username: string,
  kind: 'suspend' | 'ban',
  { reason, note, forfeit, json }: Options,
  context: Context
): Promise<void> {
  const ask = { reason, ...(note !== undefined && { note }), ...(forfeit && { forfeit }) }
  const standing = await (await context.api()).decideStanding(username, kind, ask)
  const taken = forfeit ? ` ${showCredits(standing.forfeited)} credits were taken.` : ''
  const done = kind === 'ban' ? 'is banned' : 'is suspended'
  tell(standing, `${done}: its sessions, keys and answers under way have stopped.${taken}`, {
    json: json ?? false,
    context
  })
}

export function tell(
  standing: Standing,
  what: string,
  { json, context: { io } }: { json: boolean; context: Context }
): void {
  if (json) io.out(toJsonLine(standing))
  else io.err(`${neutraliseLine(`The account "${standing.username}" ${what}`)}\n`)
}
