import type { Command } from 'commander'
import type { Context } from '../../../context.js'
import { asOwner } from '../../../lib/owner-session.js'

export function define(command: Command, context: () => Context): void {
  command.action(() => run(context()))
}

/** Signing in asks for no codes of an app any more. Passkeys stay. */
export async function run(context: Context): Promise<void> {
  await asOwner(context, async (session) => {
    await session.call('POST', '/api/account/second-factor/totp/remove', { has: null })
    context.io.err('Signing in asks for no codes of your app any more.\n')
  })
}
