import { createInterface, type Interface } from 'node:readline'
import type { Context } from '../context.js'
import { type MarkdownLook, renderPiece } from '../markdown/render.js'
import { type Draft, expand, shownText } from './input/chips.js'
import { emptied } from './input/editor.js'
import type { Opened } from './open-session.js'
import type { Block } from './state/blocks.js'
import { markdownLook, type Panel } from './state/session.js'

const PROMPT = 'You: '

/**
 * The chat as plain lines in their order, for screen readers and for terminals that cannot move the cursor: nothing
 * is drawn twice, nothing moves. Resolves once it was left.
 */
export async function runLinear(opened: Opened, { context, ending }: { context: Context; ending: AbortSignal }) {
  const { stdin, stdout } = context.io.streams
  const lines = createInterface({ input: stdin, output: stdout, terminal: context.env.TERM !== 'dumb', prompt: PROMPT })
  const printer = createPrinter(opened, context, lines)
  const leave = () => void opened.leave()
  const stop = createInterrupt(opened, printer, context)
  lines.on('SIGINT', stop.press)
  lines.on('close', leave)
  ending.addEventListener('abort', leave)
  try {
    let held = ''
    lines.on('line', (line) => {
      stop.disarm()
      const { panel } = opened.store.get()
      if (panel) return opened.dialogs.answer(answerOf(panel, line))
      if (line.endsWith('\\')) {
        held += `${line.slice(0, -1)}\n`
        return
      }
      const draft = draftOf(held + line, opened.store)
      held = ''
      printer.typed(shownText(draft))
      void opened.submit(draft).then(printer.prompt, opened.chat.fail)
    })
    await opened.begin()
    printer.prompt()
    await opened.left
  } finally {
    ending.removeEventListener('abort', leave)
    printer.stop()
    stop.end()
    lines.close()
  }
}

/** What was typed, behind the files that were attached; alone Enter sends what was given back or is to be changed. */
function draftOf(typed: string, { get, dispatch }: Opened['store']): Draft {
  const { editor } = get()
  const { buffer, chips } = editor
  const isCommand = typed.startsWith('/')
  if (isCommand || buffer.text === '') return { text: typed, chips: [] }
  dispatch({ type: 'editor', editor: emptied(editor) })
  if (typed.trim() === '') return { text: buffer.text, chips }
  return expand({ text: buffer.text, chips }).text.trim() === ''
    ? { text: buffer.text + typed, chips }
    : { text: typed, chips: [] }
}

interface Printer {
  /** What stands on the terminal already, for it was typed there. */
  typed(text: string): void
  /** Asks for the next line, where nothing is under way. */
  prompt(): void
  line(text: string): void
  stop(): void
}

function createPrinter(opened: Opened, { io }: Context, lines: Interface): Printer {
  let printed = 0
  let isAsking = false
  let said: string | undefined
  let panel: Panel | undefined
  const line = (text: string) => {
    // What comes while a line is asked for stands on lines of its own.
    if (isAsking) io.out('\n')
    isAsking = false
    io.out(`${text}\n`)
  }
  let stands: string | undefined
  const ask = () => {
    const { buffer, chips } = opened.store.get().editor
    if (buffer.text !== '')
      line(
        `To be sent: ${shownText({ text: buffer.text, chips })} (Enter alone sends it, other text goes in its place or behind its files)`
      )
    isAsking = true
    lines.prompt()
  }
  const look = () => {
    const session = opened.store.get()
    const wasAsking = isAsking
    for (const block of session.blocks.slice(printed)) {
      if (block.kind === 'question' && block.text === stands) stands = undefined
      else for (const row of rowsOf(block, markdownLook(session))) line(row)
    }
    printed = session.blocks.length
    const { what, why } = session.live?.waiting ?? { what: '', why: '' }
    const waiting = why === '' ? undefined : `${what.replace(/ in \d+ s$/, '')}: ${why}`
    if (waiting !== undefined && waiting !== said) line(waiting)
    said = waiting
    if (session.panel !== panel && session.panel) for (const row of panelLines(session.panel)) line(row)
    panel = session.panel
    // What came by itself, such as a late receipt, does not take the line away.
    if (wasAsking && !isAsking && !session.panel && !opened.chat.isBusy()) ask()
  }
  const unsubscribe = opened.store.subscribe(look)
  return {
    line,
    typed(text) {
      isAsking = false
      stands = text
    },
    prompt() {
      look()
      if (!isAsking && !opened.chat.isBusy()) ask()
    },
    stop: unsubscribe
  }
}

function rowsOf(block: Block, look: MarkdownLook): readonly string[] {
  switch (block.kind) {
    case 'markdown':
      return renderPiece(block.piece, look)
    case 'rows':
      return block.rows
    case 'question':
      return [`${PROMPT}${block.text}`]
    case 'error':
      return [`Error: ${block.text}`]
    case 'cost':
    case 'notice':
      return [block.text]
  }
}

function panelLines(panel: Panel): string[] {
  if (panel.kind === 'confirm') return [panel.text, 'Type yes or no, then Enter:']
  const items = panel.items.map(({ label, detail }, index) => `${index + 1}. ${label} ${detail}`.trimEnd())
  return [panel.title, ...items, 'Type its number, then Enter; Enter alone leaves it:']
}

function answerOf(panel: Panel, line: string): string | undefined {
  if (panel.kind === 'confirm') return /^y/i.test(line.trim()) ? 'yes' : undefined
  return panel.items[Number(line.trim()) - 1]?.value
}

/** Ctrl-C stops the answer, then leaves when pressed twice. */
function createInterrupt({ chat, leave }: Opened, { line }: Printer, context: Context) {
  let armed = false
  let unwatch = () => {}
  const watch = () => {
    unwatch()
    unwatch = context.onSignal(['SIGINT'], () => {
      press()
      watch()
    })
  }
  const press = () => {
    if (chat.isBusy()) return chat.stop()
    if (armed) return void leave()
    armed = true
    line('Ctrl-C again leaves')
  }
  watch()
  return {
    press,
    disarm: () => {
      armed = false
    },
    end: () => unwatch()
  }
}
