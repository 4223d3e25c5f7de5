import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { removeTemplate } from '../../lib/templates.js'

export function define(command: Command, context: () => Context): void {
  command.argument('<name>').action((name: string) => run(name, context()))
}

export async function run(name: string, context: Context): Promise<void> {
  removeTemplate(name, context)
}
