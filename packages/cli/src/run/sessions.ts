import { EXIT } from '@caicaini/protocol'
import type { SessionKey } from '@caicaini/protocol/api'
import { CliError, usageError } from '../lib/cli-error.js'
import { showCredits } from '../lib/money-text.js'
import { neutraliseLine } from '../lib/sanitize.js'

/** How the keys of `run` are named, so that they are told from sessions of other programs. */
export const RUN_LABEL = 'run '

/** The run that is meant: the one named, or the only one that runs. */
export function findRun(sessions: readonly SessionKey[], id: string | undefined): SessionKey {
  const running = sessions.filter(({ status, label }) => status === 'active' && label.startsWith(RUN_LABEL))
  const found = id === undefined ? running : running.filter((one) => one.id.startsWith(id))
  const [only, ...more] = found
  if (!only) throw new CliError(EXIT.usage, id === undefined ? 'nothing runs by this key' : `no run has the id ${id}`)
  if (more.length === 0) return only
  const lines = found.map(
    ({ id: one, label, cap, spent }) =>
      `  ${one}  ${neutraliseLine(label)}, ${showCredits(spent, 2)} of ${showCredits(cap)} credits`
  )
  throw usageError(`several run: say which by --session\n${lines.join('\n')}`)
}
