import type { Command } from 'commander'
import type { Context } from '../../context.js'

export function define(command: Command, context: () => Context): void {
  command.action(() => run(context()))
}

/** Forgets the key for the server in use. The key itself goes on working: `keys revoke` ends it. */
export async function run(context: Context): Promise<void> {
  const baseUrl = context.config().get('base-url').value
  const keys = context.keys()
  context.io.err(keys.remove(baseUrl) ? `Signed out of ${baseUrl}.\n` : `Not signed in to ${baseUrl}.\n`)
  if (keys.fromEnvironment) context.io.err('CAICAINI_API_KEY is still set and stays in use.\n')
}
