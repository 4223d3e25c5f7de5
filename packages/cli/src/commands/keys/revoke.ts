import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { changeKey } from './change.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<key>', 'its id or name')
    .option('--json', 'the key as JSON')
    .action((idOrName: string, options: Options) => run(idOrName, options, context()))
}

export async function run(idOrName: string, { json }: Options, context: Context): Promise<void> {
  await changeKey(idOrName, { json, done: 'revoked for good' }, context, (api, id) => api.revokeKey(id))
}
