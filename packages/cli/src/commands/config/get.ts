import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { SETTINGS } from '../../lib/config.js'
import { requireSettingName } from './names.js'

export function define(command: Command, context: () => Context): void {
  command
    .argument('<name>', `one of ${Object.keys(SETTINGS).join(', ')}`)
    .action((name: string) => run(name, context()))
}

export async function run(name: string, { io, config }: Context): Promise<void> {
  io.out(`${config().get(requireSettingName(name)).value}\n`)
}
