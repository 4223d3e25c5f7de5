import { Box, Static, useApp, useWindowSize } from 'ink'
import { useCallback, useReducer, useState } from 'react'
import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { BlockView } from './components/block.js'
import { Header } from './components/header.js'
import { InputView, SIGN_COLUMNS } from './components/input-view.js'
import { LiveView, liveRows } from './components/live-view.js'
import { bufferOf, EMPTY } from './input/text-buffer.js'
import { useEditor } from './input/use-editor.js'
import { layoutInput } from './layout.js'
import { type Block, newSession, reduce, type Session } from './session.js'
import { parseSlash } from './slash-commands.js'
import { useConversation } from './use-conversation.js'
import { useElapsed } from './use-elapsed.js'
import { useOpening } from './use-opening.js'

export interface AppProps {
  readonly context: Context
  readonly api: ApiClient
  readonly model: string
  readonly system: string | undefined
  readonly colour: boolean
  /** Aborted when the process is asked to end. */
  readonly ending: AbortSignal
  /** Called with the last state before the chat is left. */
  readonly onLeave: (session: Session) => void
}

export function App({ context, api, model, system, colour, ending, onLeave }: AppProps) {
  const { exit } = useApp()
  const greeting = `Caicaini Code ${context.version} · /help lists the commands`
  const [session, dispatch] = useReducer(reduce, { model, greeting }, newSession)
  const [armed, arm] = useState(false)
  const leaveWith = useCallback(
    (last: Session) => {
      onLeave(last)
      exit()
    },
    [onLeave, exit]
  )
  const chat = useConversation({ context, api, system, session, dispatch, ending, onLeave: leaveWith })
  const elapsedS = useElapsed(context.clock, session.live?.startedAtMs)
  useOpening(api, dispatch, exit)

  const ask = async (text: string) => {
    const { kind } = await chat.ask(text)
    // What could not be answered is there again, to be sent once more.
    if (kind === 'failed' && editor.current().text === '') editor.set(bufferOf(text))
  }
  const submit = (text: string) => {
    const command = parseSlash(text)
    // While an answer is under way the draft stays.
    if (!text.trim() || (!command && chat.running)) return
    editor.take()
    void (command ? chat.command(command) : ask(text))
  }
  /** Ctrl-C stops the answer, else clears the input, else leaves when pressed twice. */
  const interrupt = () => {
    if (chat.running) return chat.stop()
    if (editor.current().text) return editor.set(EMPTY)
    if (armed) void chat.leave()
    arm(true)
  }
  const editor = useEditor((effect) => {
    if (effect.type === 'interrupt') return interrupt()
    arm(false)
    if (effect.type === 'submit') submit(effect.text)
    else if (effect.type === 'stop') chat.stop()
    else if (effect.type === 'leave') void chat.leave()
  })
  const hint = armed ? 'Ctrl-C again leaves' : undefined
  return <Screen session={session} input={editor.buffer} elapsedS={elapsedS} hint={hint} colour={colour} />
}

const HEADER_MARGIN = 1

interface ScreenProps {
  readonly session: Session
  readonly input: { readonly text: string; readonly cursor: number }
  readonly elapsedS: number
  readonly hint: string | undefined
  readonly colour: boolean
}

/** What is finished, printed once; below it what still changes, never higher than the terminal. */
function Screen({ session: { blocks, live, ...header }, input, elapsedS, hint, colour }: ScreenProps) {
  const { columns, rows } = useWindowSize()
  const width = Math.max(10, columns)
  const layout = layoutInput(input, { columns: width - SIGN_COLUMNS - 1, rowsMax: Math.max(1, rows >> 1) })
  const rowsMax = Math.max(1, rows - layout.rows.length - HEADER_MARGIN - 3)
  const pending = live ? liveRows(live, { columns: width, rowsMax }) : []
  const headerRow = (live ? pending.length + 1 : 0) + HEADER_MARGIN
  return (
    <Box flexDirection="column">
      <Static items={blocks as Block[]}>
        {(block) => <BlockView key={block.id} block={block} columns={width} colour={colour} />}
      </Static>
      {live ? <LiveView live={live} rows={pending} elapsedS={elapsedS} colour={colour} /> : null}
      <Box marginTop={HEADER_MARGIN}>
        <Header {...header} hint={hint} colour={colour} />
      </Box>
      <InputView layout={layout} top={headerRow + 1} />
    </Box>
  )
}
