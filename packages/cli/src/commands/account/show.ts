import type { Profile } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { fields } from '../../lib/format.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'one JSON object').action((options: Options) => run(options, context()))
}

/** Who the account is. */
export async function run({ json }: Options, context: Context): Promise<void> {
  const profile = await (await context.api()).call<Profile>('GET', '/api/account', { has: 'username' })
  if (json) return context.io.out(toJsonLine(profile))
  const { username, email, email_verified, plan, status, created_at, terms_version } = profile
  const target = context.target()
  const page = target.kind === 'remote' ? [['page', `${target.baseUrl}/account`] as const] : []
  context.io.out(
    fields([
      ['username', username],
      ['e-mail', email === null ? 'none' : `${email}${email_verified ? '' : ' (not confirmed yet)'}`],
      ['plan', plan],
      ['status', status],
      ['since', created_at.slice(0, 10)],
      ['terms', terms_version ?? 'none accepted'],
      ...page
    ])
  )
}
