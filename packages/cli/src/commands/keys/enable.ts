import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { changeKey } from './change.js'

export interface Options {
  readonly user?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<key>', 'its id or name')
    .option('--user <name>', 'whose key, for operators; your own when left out')
    .option('--json', 'the key as JSON')
    .action((idOrName: string, options: Options) => run(idOrName, options, context()))
}

export async function run(idOrName: string, { user, json }: Options, context: Context): Promise<void> {
  await changeKey(idOrName, { json, user, done: 'enabled' }, context, (api, id) =>
    api.editKey(id, { disabled: false }, user)
  )
}
