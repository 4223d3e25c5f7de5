import type { SecondFactorReset } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly reason: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<username>', 'whose second factor')
    .requiredOption('--reason <text>', 'why, and how you made sure who asks: for the log')
    .option('--json', 'what was taken away, as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  caicaini --local admin users reset-second-factor ada --reason "lost her phone; called back on the number of the contract"'
    )
    .action((username: string, options: Options) => run(username, options, context()))
}

/** Lets in by the password alone who lost everything else. */
export async function run(username: string, { reason, json }: Options, context: Context): Promise<void> {
  const path = `/admin/api/users/${encodeURIComponent(username)}/reset-second-factor`
  const api = await context.api()
  const done = await api.call<SecondFactorReset>('POST', path, { body: { reason }, has: 'sessions_ended' })
  if (json) return context.io.out(toJsonLine(done))
  const what = [
    ...(done.totp ? ['its authenticator app'] : []),
    ...(done.passkeys > 0 ? [plural(done.passkeys, 'passkey')] : []),
    ...(done.recovery_codes > 0 ? [plural(done.recovery_codes, 'recovery code')] : [])
  ].join(', ')
  const ended = done.sessions_ended > 0 ? ` and signed out ${plural(done.sessions_ended, 'browser')}` : ''
  const told = `Took ${what} from "${done.username}"${ended}. Its password alone lets in now: have it set up another one soon.`
  context.io.err(`${neutraliseLine(told)}\n`)
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
