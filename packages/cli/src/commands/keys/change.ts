import { EXIT } from '@caicaini/protocol'
import type { Key } from '@caicaini/protocol/api'
import type { Context } from '../../context.js'
import type { ApiClient } from '../../lib/api-client.js'
import { CliError, usageError } from '../../lib/cli-error.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface ChangeOptions {
  readonly json?: boolean | undefined
  /** Whose key, for operators. */
  readonly user?: string | undefined
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
  context.io.err(`Key ${key.id} "${neutraliseLine(key.name)}" ${done}.\n`)
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
