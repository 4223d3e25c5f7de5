import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { usageError } from '../../lib/cli-error.js'
import { parseCreditsOption } from '../../lib/option-values.js'
import { changeKey } from './change.js'

export interface Options {
  readonly name?: string
  readonly quota?: number
  readonly user?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<key>', 'its id or name')
    .option('--name <name>', 'what to call it from now on')
    .option('--quota <credits>', 'most credits it may spend over its life; 0 = no limit', parseCreditsOption)
    .option('--user <name>', 'whose key, for operators; your own when left out')
    .option('--json', 'the key as JSON')
    .action((idOrName: string, options: Options) => run(idOrName, options, context()))
}

export async function run(idOrName: string, { name, quota, user, json }: Options, context: Context): Promise<void> {
  if (name === undefined && quota === undefined) throw usageError('nothing to change: give --name or --quota')
  const changes = { ...(name === undefined ? {} : { name }), ...(quota === undefined ? {} : { quota }) }
  await changeKey(idOrName, { json, user, done: 'changed' }, context, (api, id) => api.editKey(id, changes, user))
}
