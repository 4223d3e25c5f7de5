import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { SETTINGS, type SettingName } from '../../lib/config.js'
import { fittingTable } from '../../lib/format.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the list as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, { io, config }: Context): Promise<void> {
  const settings = (Object.keys(SETTINGS) as SettingName[]).map((name) => config().get(name))
  if (json) return io.out(toJsonLine({ settings }))
  io.out(
    fittingTable(
      [{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'FROM' }, { title: 'ABOUT', shortenTo: 20, drop: 1 }],
      settings.map(({ name, value, origin }) => [name, value, origin, SETTINGS[name].about]),
      io.columns
    )
  )
}
