import type { Command } from 'commander'
import type { Context } from '../../context.js'

export function define(command: Command, context: () => Context): void {
  command.action(() => run(context()))
}

export async function run({ io, config }: Context): Promise<void> {
  io.out(`${config().path}\n`)
}
