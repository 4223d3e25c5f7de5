import { render } from 'ink'
import type { Context } from '../context.js'
import { interrupted } from '../lib/cli-error.js'
import { showsColour } from '../lib/io.js'
import { oldKeyReminder } from '../lib/key-age.js'
import { App } from './app.js'
import { type Session, sessionTotal } from './session.js'

export interface Options {
  readonly model?: string | undefined
  readonly system?: string | undefined
}

/** The chat, until it is left. */
export async function run({ model, system }: Options, context: Context): Promise<void> {
  const { io, env } = context
  const { stdin, stdout, stderr } = io.streams
  const api = await context.api()
  const ending = new AbortController()
  const unwatch = context.onSignal(['SIGTERM', 'SIGHUP', 'SIGINT'], () => ending.abort(interrupted()))
  let last: Session | undefined
  const app = render(
    <App
      context={context}
      api={api}
      model={model ?? context.config().get('model').value}
      system={system}
      colour={showsColour(stdout, env)}
      ending={ending.signal}
      onLeave={(session) => {
        last = session
      }}
    />,
    // Only its streams are used, and only as streams.
    {
      stdin: stdin as NodeJS.ReadStream,
      stdout: stdout as NodeJS.WriteStream,
      stderr: stderr as NodeJS.WriteStream,
      exitOnCtrlC: false,
      patchConsole: false,
      incrementalRendering: true,
      // The caller has seen that it is a terminal; ink would take CI for none.
      interactive: true
    }
  )
  try {
    await app.waitUntilExit()
  } finally {
    app.unmount()
    unwatch()
  }
  if (last && last.answers > 0) io.out(`${sessionTotal(last)}\n`)
  if (ending.signal.aborted) throw ending.signal.reason
  const reminder = await oldKeyReminder(context, api)
  if (reminder) io.err(`${reminder}\n`)
}
