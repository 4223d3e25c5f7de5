import type { Context } from '../context.js'
import { interrupted } from '../lib/cli-error.js'
import { goesOn } from '../lib/kept-chat.js'
import { oldKeyReminder } from '../lib/key-age.js'
import { isLinear, type Options, openSession } from './open-session.js'
import { sessionTotal } from './state/session-total.js'

/** The chat, until it is left. */
export async function run(options: Options, context: Context): Promise<void> {
  const { io } = context
  const api = await context.api()
  const ending = new AbortController()
  const linear = isLinear(options, context)
  const signals = linear ? (['SIGTERM', 'SIGHUP'] as const) : (['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
  const unwatch = context.onSignal(signals, () => ending.abort(interrupted()))
  const opened = openSession(options, { context, api })
  try {
    const { show } = linear
      ? { show: (await import('./linear.js')).runLinear }
      : { show: (await import('./draw.js')).draw }
    await show(opened, { context, ending: ending.signal })
  } finally {
    await opened.keepDraft()
    unwatch()
  }
  const session = opened.store.get()
  if (session.answers > 0) io.out(`${sessionTotal(session)}\n`)
  if (session.conversation.saved && session.conversation.turns.length > 0) {
    io.out(`${goesOn(session.conversation.id, context.globals)}\n`)
  }
  if (ending.signal.aborted) throw ending.signal.reason
  const reminder = await oldKeyReminder(context, opened.account.api())
  if (reminder) io.err(`${reminder}\n`)
}
