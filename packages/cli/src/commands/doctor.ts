import { EXIT } from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import type { Finding } from '../doctor/check.js'
import { checkConfig, checkData, checkKeychain, checkTerminal, checkVersion } from '../doctor/machine.js'
import { checkKey, checkNetwork } from '../doctor/server.js'
import { CliError } from '../lib/cli-error.js'
import { counted } from '../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'what was found as JSON').action((options: Options) => run(options, context()))
}

/** Looks at everything that an answer needs. Exit 1 where something is not well. */
export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const findings: Finding[] = []
  for await (const finding of look(context)) {
    findings.push(finding)
    if (!json) io.out(lineOf(finding))
  }
  const bad = findings.filter(({ ok }) => !ok).length
  if (json) io.out(toJsonLine({ ok: bad === 0, checks: findings }))
  if (bad > 0) throw new CliError(EXIT.other, `${counted(bad, 'thing')} to mend`)
}

async function* look(context: Context): AsyncGenerator<Finding> {
  yield checkVersion(context, process.versions.node)
  const config = checkConfig(context)
  yield config
  yield checkTerminal(context)
  if (context.globals.local) {
    const target = context.target()
    if (target.kind === 'local') yield checkData(target.dataDir)
  } else {
    yield checkKeychain(context)
    // Whom to ask is not known.
    if (!config.ok) return
    const target = context.target()
    if (target.kind !== 'remote') return
    const api = await context.connect(target, undefined)
    const network = await checkNetwork(target.baseUrl, { ...context, api })
    yield* network
    if (!network.every(({ name, ok }) => ok || name !== 'network')) return
  }
  yield* await checkKey(context)
}

function lineOf({ name, ok, said, mend }: Finding): string {
  const line = `${ok ? '✓' : '✗'} ${name.padEnd(9)} ${neutraliseLine(said)}\n`
  return mend === undefined ? line : `${line}            → ${mend}\n`
}
