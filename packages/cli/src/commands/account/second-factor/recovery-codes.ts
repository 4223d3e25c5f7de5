import type { RecoveryCodes } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../../context.js'
import { asOwner } from '../../../lib/owner-session.js'
import { printCodes } from './codes.js'

export function define(command: Command, context: () => Context): void {
  command
    .addHelpText('after', '\nExample:\n  caicaini account second-factor recovery-codes > recovery-codes.txt')
    .action(() => run(context()))
}

/** Ten new ones; those before are good for nothing then. */
export async function run(context: Context): Promise<void> {
  await asOwner(context, async (session) => {
    const path = '/api/account/second-factor/recovery-codes'
    const { recovery_codes } = await session.call<RecoveryCodes>('POST', path, { has: 'recovery_codes' })
    context.io.err('Older recovery codes are good for nothing any more.\n')
    printCodes(recovery_codes, context.io)
  })
}
