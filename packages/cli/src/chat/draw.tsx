import { render } from 'ink'
import type { Context } from '../context.js'
import { loadHighlighter } from '../markdown/highlight.js'
import { App } from './app.js'
import type { Opened } from './open-session.js'

/** Draws the chat on its terminal until it was left; rejects where there was none to begin with. */
export async function draw(
  opened: Opened,
  { context, ending }: { context: Context; ending: AbortSignal }
): Promise<void> {
  const { stdin, stdout, stderr } = context.io.streams
  const node = (
    <App store={opened.store} input={opened.input} highlighter={loadHighlighter} onReady={opened.onTerminal} />
  )
  const resize = () => {
    opened.store.dispatch({ type: 'resized', viewport: { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 } })
    // It renders there and then: what ink draws next fits the new size, and nothing has to be cleared.
    app.rerender(node)
  }
  // Before ink hears of it.
  stdout.on('resize', resize)
  const app = render(
    node,
    // Only its streams are used, and only as streams.
    {
      stdin: stdin as NodeJS.ReadStream,
      stdout: stdout as NodeJS.WriteStream,
      stderr: stderr as NodeJS.WriteStream,
      exitOnCtrlC: false,
      patchConsole: false,
      incrementalRendering: true,
      // The store says when; ink is not to make a key wait.
      maxFps: 1000,
      kittyKeyboard: { mode: 'auto' },
      // The caller has seen that it is a terminal; ink would take CI for none.
      interactive: true
    }
  )
  const leave = () => void opened.leave()
  ending.addEventListener('abort', leave)
  let refused: unknown
  void opened.begin().catch((error) => {
    refused = error
    leave()
  })
  try {
    await Promise.race([opened.left, app.waitUntilExit()])
    await app.waitUntilRenderFlush()
  } finally {
    ending.removeEventListener('abort', leave)
    stdout.off('resize', resize)
    app.unmount()
    await app.waitUntilExit()
  }
  if (refused !== undefined) throw refused
}
