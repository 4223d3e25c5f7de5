import { EXIT } from '@caicaini/protocol'
import type { CatalogReload } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError, usageError } from '../../lib/cli-error.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'what became of it as JSON').action((options: Options) => run(options, context()))
}

/** Every running server on the data reads its own catalog file again. */
export async function run({ json }: Options, context: Context): Promise<void> {
  const { io } = context
  const servers = await (await context.api()).reloadCatalog()
  if (json) io.out(toJsonLine({ servers }))
  else for (const server of servers) io.out(`${neutraliseLine(lineOf(server))}\n`)
  if (servers.length === 0)
    io.err('No server is running on this data: the next one reads its catalog when it starts.\n')
  const faults = servers.flatMap(({ fault }) => fault ?? [])
  if (faults.length > 0) throw usageError([...new Set(faults)].join('\n'))
  if (servers.some(({ state }) => state === 'waiting'))
    throw new CliError(
      EXIT.network,
      'not every server has answered; caicaini --local admin providers shows those that run'
    )
}

function lineOf({ instance, pid, state }: CatalogReload): string {
  const outcome = {
    reloaded: 'reloaded',
    refused: 'refused: the catalog before stays in force',
    waiting: 'no answer yet'
  }
  return `${instance}, pid ${pid}: ${outcome[state]}`
}
