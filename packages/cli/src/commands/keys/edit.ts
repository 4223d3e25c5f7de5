import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { usageError } from '../../lib/cli-error.js'
import { parseCreditsOption } from '../../lib/option-values.js'
import { type ChangeFlags, changeKey, defineChange } from './change.js'

export interface Options extends ChangeFlags {
  readonly name?: string
  readonly quota?: number
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--name <name>', 'what to call it from now on')
    .option('--quota <credits>', 'most credits it may spend over its life; 0 = no limit', parseCreditsOption)
  defineChange(command, context, run)
}

export async function run(idOrName: string, { name, quota, ...flags }: Options, context: Context): Promise<void> {
  if (name === undefined && quota === undefined) throw usageError('nothing to change: give --name or --quota')
  const changes = { ...(name === undefined ? {} : { name }), ...(quota === undefined ? {} : { quota }) }
  await changeKey(idOrName, { ...flags, done: 'changed' }, context, (api, id) => api.editKey(id, changes, flags.user))
}
