import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { ChildEnded, usageError } from '../../lib/cli-error.js'
import { labelOf } from '../../lib/git-label.js'
import { creditsPhrase } from '../../lib/money-text.js'
import { parseCreditsOption, parseDurationOption } from '../../lib/option-values.js'
import { pastProxy } from '../../lib/proxy.js'
import { toolEnv } from '../../lib/tool-env.js'
import { startChild } from '../../run/child.js'
import { reportCost } from '../../run/report.js'
import { RUN_LABEL } from '../../run/sessions.js'
import { watchCap } from '../../run/watch-cap.js'

export interface Options {
  readonly maxCredits?: number
  readonly expires: number
  readonly quiet?: boolean
}

const DAY_MS = 86_400_000
const LABEL_CHARS_MAX = 64

export function define(command: Command, context: () => Context): void {
  command
    .argument('<command...>', 'what to run; put -- before it')
    .option('--max-credits <n>', 'the most that it may spend; all that is there when left out', parseCreditsOption)
    .option('--expires <time>', 'its key is refused from then on: 24h, 7d', parseDurationOption, DAY_MS)
    .option('-q, --quiet', 'do not say at the end what it cost')
    .addHelpText(
      'after',
      '\nExamples:\n  caicaini run --max-credits 500 -- claude\n  caicaini run -- aider --model openai/sonnet\n' +
        '  caicaini --local run -- python ask.py\n  caicaini run raise 200'
    )
    .action((words: string[], options: Options) => run(words, options, context()))
}

/** Runs another tool by a key of its own, which is capped and ends with it. Ends as the tool ends. */
export async function run(words: readonly string[], options: Options, context: Context): Promise<void> {
  const [command, ...args] = words
  if (command === undefined) throw usageError('run: what? As in caicaini run -- claude')
  const { io, config, cwd, env } = context
  const api = await context.api()
  const [models, cap] = await Promise.all([api.models(), options.maxCredits ?? availableOf(api)])
  const { repo, branch } = labelOf(config(), cwd) ?? {}
  const session = await api.startSession({
    label: `${RUN_LABEL}${basename(command)}`.slice(0, LABEL_CHARS_MAX),
    cap,
    expires_in_s: Math.max(1, Math.round(options.expires / 1000)),
    ...(repo === undefined ? {} : { repo }),
    ...(branch === undefined ? {} : { branch })
  })
  try {
    const baseUrl = (await api.listen?.()) ?? api.server
    const own = await context.connect({ kind: 'remote', baseUrl }, session.key)
    if (!options.quiet) io.err(`${io.dim(`${command} may spend ${creditsPhrase(cap, 2)} · caicaini run raise N`)}\n`)
    const stopWatching = watchCap(own, context)
    const startedAtMs = context.clock.nowMs()
    const tools = toolEnv({ baseUrl, key: session.key, models, command: words })
    const inherited = Object.entries(env).filter(([name]) => !tools.unset.includes(name))
    const exit = await startChild(command, args, {
      env: { ...Object.fromEntries(inherited), ...pastProxy(new URL(baseUrl), env), ...tools.set },
      context
    }).finally(stopWatching)
    if (!options.quiet) await reportCost({ command, startedAtMs }, { own, context })
    throw new ChildEnded(exit)
  } finally {
    await api.endSession(session.id).catch(() => {
      io.err(`! The key of this run could not be ended: it is good until ${session.expires_at}.\n`)
    })
  }
}

async function availableOf(api: Awaited<ReturnType<Context['api']>>): Promise<number> {
  const { available } = await api.balance()
  if (available > 0) return available
  throw usageError('there are no credits to run anything with: see `caicaini balance`')
}
