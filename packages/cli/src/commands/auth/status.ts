import { apiKeyHint, EXIT } from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError } from '../../lib/cli-error.js'
import { fields } from '../../lib/format.js'
import type { FoundKey } from '../../lib/key-store.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'one JSON object').action((options: Options) => run(options, context()))
}

/** Exit 4 when nobody is signed in or the key is refused. */
export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const target = context.target()
  if (target.kind === 'remote' && !context.keys().find(target.baseUrl)) {
    if (json) io.out(toJsonLine({ signed_in: false, server: target.baseUrl }))
    throw new CliError(EXIT.auth, `not signed in to ${target.baseUrl}`)
  }
  const { account, key, notice } = await (await context.api()).self()
  const found = target.kind === 'remote' ? context.keys().find(target.baseUrl) : undefined
  const server = target.kind === 'remote' ? target.baseUrl : target.dataDir
  const origin = found?.origin ?? 'local'
  if (json) return io.out(toJsonLine({ signed_in: true, server, origin, account, key, notice }))
  const from = origin === 'local' ? 'owner of the data directory' : named(origin, context)
  io.out(
    fields([
      ['server', server],
      ['account', account.username],
      ['plan', account.plan],
      ['tier', account.tier],
      ['key', `${found ? apiKeyHint(found.key) : key.hint} "${key.name}", scope ${key.scope}`],
      ['from', from],
      // One line a notice: there may be several things to know.
      ...(notice?.split('\n') ?? []).map((line) => ['notice', line] as const)
    ])
  )
}

function named(origin: FoundKey['origin'], context: Context): string {
  return origin === 'environment' ? 'CAICAINI_API_KEY' : context.keys().title(origin)
}
