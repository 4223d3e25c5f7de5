import { EXIT } from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError, usageError } from '../../lib/cli-error.js'

export function define(command: Command, context: () => Context): void {
  command
    .addHelpText('after', '\nExample:\n  curl -H "x-api-key: $(caicaini auth token)" …')
    .action(() => run(context()))
}

/** Prints the key in use, for other tools. */
export async function run(context: Context): Promise<void> {
  if (context.globals.local) throw usageError('--local uses no key: `keys create` makes one')
  const baseUrl = context.config().get('base-url').value
  const found = context.keys().find(baseUrl)
  if (!found) throw new CliError(EXIT.auth, `not signed in to ${baseUrl}`)
  context.io.out(`${found.key}\n`)
}
