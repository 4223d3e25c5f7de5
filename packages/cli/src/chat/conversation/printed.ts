import type { Context } from '../../context.js'
import { neutralise } from '../../lib/sanitize.js'
import type { Account } from './account.js'

/** The rows that a command of the command line prints, with the account of this chat. */
export async function printed(
  context: Context,
  account: Account,
  run: (told: Context) => Promise<void>
): Promise<readonly string[]> {
  let text = ''
  const take = (more: string) => {
    text += more
  }
  const write = async (more: string) => take(more)
  const { columns } = context.io
  await run({ ...context, api: async () => account.api(), io: { ...context.io, columns, out: take, err: take, write } })
  return neutralise(text.trimEnd()).split('\n')
}
