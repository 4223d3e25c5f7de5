import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { SETTINGS } from '../../lib/config.js'
import { requireSettingName } from './names.js'

export function define(command: Command, context: () => Context): void {
  command
    .argument('<name>', `one of ${Object.keys(SETTINGS).join(', ')}`)
    .argument('<value>')
    .action((name: string, value: string) => run(name, value, context()))
}

export async function run(name: string, value: string, { io, config }: Context): Promise<void> {
  const setting = requireSettingName(name)
  await config().set(setting, value)
  const { origin } = config().get(setting)
  if (origin === 'environment') io.err('Stored; the environment variable still wins over it.\n')
}
