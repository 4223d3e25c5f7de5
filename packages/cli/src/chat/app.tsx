import { Box, Static, useApp, useInput, usePaste } from 'ink'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { type Highlighter, loadedHighlighter } from '../markdown/highlight.js'
import { BlockView } from './components/block.js'
import { Header } from './components/header.js'
import { InputView, SIGN_COLUMNS } from './components/input-view.js'
import { ListView } from './components/list-view.js'
import { LiveView, liveRows } from './components/live-view.js'
import type { Look } from './components/look.js'
import { PanelView, panelRows } from './components/panel-view.js'
import { QueueView, queueLines } from './components/queue-view.js'
import type { Input } from './conversation/input.js'
import { chipAt, chipLabel } from './input/chips.js'
import type { Editor } from './input/editor.js'
import { layoutInput } from './layout.js'
import type { Block } from './state/blocks.js'
import type { Session } from './state/session.js'
import type { Store } from './state/store.js'

export interface AppProps {
  readonly store: Store
  readonly input: Input
  /** Loads what colours code. */
  readonly highlighter: () => Promise<Highlighter>
  /** Given what hands the terminal to another program. */
  readonly onReady: (suspend: (action: () => Promise<void>) => Promise<void>) => void
}

/** Draws the session; keys and pastes go where they are understood. */
export function App({ store, input, highlighter, onReady }: AppProps) {
  const session = useSyncExternalStore(store.subscribe, store.drawn)
  const { suspendTerminal } = useApp()
  useEffect(() => onReady((action) => suspendTerminal(action)), [onReady, suspendTerminal])
  const isAsked = session.live !== undefined
  useEffect(() => {
    // While the answer is on its way: before its first code, and not while the chat starts. Without it code has one colour.
    if (isAsked) highlighter().catch(() => {})
  }, [isAsked, highlighter])
  const highlight = loadedHighlighter()
  const { colours, links, viewport } = session
  const { rows } = viewport
  const columns = Math.max(MIN_COLUMNS, viewport.columns)
  useInput(input.onKey)
  usePaste(input.onPaste)
  const look = useMemo((): Look => ({ columns, colours, links, highlight }), [columns, colours, links, highlight])
  return <Screen session={session} look={look} rows={rows} />
}

const MIN_COLUMNS = 10
/** An empty line above the header. */
const HEADER_MARGIN = 1
const MENU_ROWS_MAX = 8

interface ScreenProps {
  readonly session: Session
  readonly look: Look
  readonly rows: number
}

/** What is finished, printed once; below it what still changes, never as high as the terminal. */
function Screen({ session, look, rows }: ScreenProps) {
  const { blocks, live, editor, panel, queue } = session
  const { columns, colours } = look
  const coloured = colours !== 'none'
  const shownInput = inputOf(editor)
  const layout = layoutInput(shownInput, {
    columns: columns - SIGN_COLUMNS - 1,
    rowsMax: Math.max(1, rows >> 1),
    labelOf: (grapheme) => {
      const chip = chipAt(grapheme, editor.chips)
      return chip && chipLabel(chip)
    }
  })
  const waiting = queueLines(queue).length
  const menuRows = editor.menu && !panel ? Math.min(MENU_ROWS_MAX, editor.menu.items.length, Math.max(1, rows >> 2)) : 0
  const below = panel ? panelRows(panel, columns, Math.max(3, rows >> 1)) : layout.rows.length + menuRows
  const rowsMax = Math.max(1, rows - below - waiting - HEADER_MARGIN - 3)
  const pending = live ? liveRows(live, look, rowsMax) : []
  const top = (live ? pending.length + 1 : 0) + waiting + HEADER_MARGIN + 1
  return (
    <Box flexDirection="column">
      <Static items={blocks as Block[]}>{(block) => <BlockView key={block.id} block={block} look={look} />}</Static>
      {live ? <LiveView live={live} rows={pending} look={look} /> : null}
      <QueueView queue={queue} columns={columns} coloured={coloured} />
      <Box marginTop={HEADER_MARGIN}>
        <Header {...session} columns={columns} coloured={coloured} />
      </Box>
      {panel ? (
        <PanelView panel={panel} columns={columns} rowsMax={Math.max(3, rows >> 1)} coloured={coloured} />
      ) : (
        <InputView layout={layout} top={top} />
      )}
      {editor.menu && !panel ? (
        <ListView
          items={editor.menu.items.map(({ value, about }) => ({ label: value, detail: about }))}
          index={editor.menu.index}
          rowsMax={menuRows}
          columns={columns}
          coloured={coloured}
        />
      ) : null}
    </Box>
  )
}

/** What stands in the input line: what is typed, or what is searched for. */
function inputOf({ buffer, search }: Editor): { text: string; cursor: number } {
  if (!search) return buffer
  const text = `(search) ${search.query}`
  return { text: `${text} → ${search.found ?? 'nothing'}`, cursor: text.length }
}
