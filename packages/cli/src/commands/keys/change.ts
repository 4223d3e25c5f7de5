import { EXIT } from '@caicaini/protocol'
import type { Key } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import type { ApiClient } from '../../lib/api-client.js'
import { CliError, usageError } from '../../lib/cli-error.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

/** Flags of every command that changes a key. */
export interface ChangeFlags {
  readonly user?: string
  readonly json?: boolean
}

/** Declares the key and those flags. */
export function defineChange<Flags extends ChangeFlags>(
  command: Command,
  context: () => Context,
  run: (idOrName: string, flags: Flags, context: Context) => Promise<void>
): void {
  command
    .argument('<key>', 'its id or name')
    .option('--user <name>', 'whose key, for operators; your own when left out')
    .option('--json', 'the key as JSON')
    .action((idOrName: string, flags: Flags) => run(idOrName, flags, context()))
}

export interface ChangeOptions extends ChangeFlags {
  /** What is said to have happened: `revoked`. */
  readonly done: string
}

/** Finds the key, changes it and says so. */
export async function changeKey(
  idOrName: string,
  { json, user, done }: ChangeOptions,
  context: Context,
  change: (api: ApiClient, id: string) => Promise<Key>
): Promise<void> {
  const api = await context.api()
  const { id } = findKey(await api.listKeys(user), idOrName)
  const key = await change(api, id)
  if (json) return context.io.out(toJsonLine(key))
  context.io.err(`${neutraliseLine(`Key ${key.id} "${key.name}" ${done}`)}.\n`)
}

/** The key of that id, or the only one of that name that is not revoked. */
export function findKey(keys: readonly Key[], idOrName: string): Key {
  const byId = keys.find(({ id }) => id === idOrName)
  if (byId) return byId
  const named = keys.filter(({ name }) => name === idOrName)
  const live = named.filter(({ status }) => status !== 'revoked')
  const [only, ...more] = live.length > 0 ? live : named
  if (!only) throw new CliError(EXIT.usage, `no key has the id or name "${idOrName}": see \`caicaini keys list\``)
  if (more.length > 0) throw usageError(`several keys are named "${idOrName}": give an id of \`caicaini keys list\``)
  return only
}
