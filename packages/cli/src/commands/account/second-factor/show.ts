import type { SecondFactorStatus } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../../context.js'
import { fields } from '../../../lib/format.js'
import { securityPage } from '../../../lib/owner-session.js'
import { toJsonLine } from '../../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'one JSON object').action((options: Options) => run(options, context()))
}

/** What is asked for beside the password. */
export async function run({ json }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const status = await api.call<SecondFactorStatus>('GET', '/api/account/second-factor', { has: 'totp' })
  if (json) return context.io.out(toJsonLine(status))
  const { totp, passkeys, recovery_codes_left } = status
  const target = context.target()
  context.io.out(
    fields([
      ['authenticator app', totp ? 'on' : 'off'],
      ['passkeys', passkeys.map(({ name }) => name).join(', ') || 'none'],
      ['recovery codes', totp || passkeys.length > 0 ? `${recovery_codes_left} left` : 'none'],
      ...(target.kind === 'remote' ? [['page', securityPage(target.baseUrl)] as const] : [])
    ])
  )
}
