import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { readTemplate } from '../../lib/templates.js'

export function define(command: Command, context: () => Context): void {
  command.argument('<name>').action((name: string) => run(name, context()))
}

export async function run(name: string, context: Context): Promise<void> {
  const text = readTemplate(name, context)
  context.io.out(text.endsWith('\n') ? text : `${text}\n`)
}
