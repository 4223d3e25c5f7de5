import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { fittingTable } from '../../lib/format.js'
import { toJsonLine } from '../../lib/sanitize.js'
import { listTemplates, templatesDir } from '../../lib/templates.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the list as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const templates = listTemplates(context)
  if (json) return io.out(toJsonLine({ templates }))
  if (templates.length === 0) return io.err(`No templates in ${templatesDir(context)}.\n`)
  io.out(
    fittingTable(
      [{ title: 'TEMPLATE' }, { title: 'BEGINS', shortenTo: 10 }],
      templates.map(({ name, text }) => [name, text.trim().split('\n', 1)[0] ?? '']),
      io.columns
    )
  )
}
