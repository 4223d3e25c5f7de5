import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { type ChangeFlags, changeKey, defineChange } from './change.js'

export function define(command: Command, context: () => Context): void {
  defineChange(command, context, run)
}

export async function run(idOrName: string, flags: ChangeFlags, context: Context): Promise<void> {
  await changeKey(idOrName, { ...flags, done: 'disabled' }, context, (api, id) =>
    api.editKey(id, { disabled: true }, flags.user)
  )
}
