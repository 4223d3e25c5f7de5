/* The chat in a pseudo-terminal with an emulator behind it, as far as pictures need one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pty from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { root, runtime } from '../setup.js'

const LIMIT_MS = 30_000
/** Nothing more is drawn when nothing came for so long. */
const QUIET_MS = 250
/** How programs show the cursor, and hide it. */
const CURSOR = { shown: '\u001b[?25h', hidden: '\u001b[?25l' }

/** Starts `caicaini` with `args` in `folder`, alone with what it finds there. */
export function openTerminal({ args, columns, rows, folder, env = {} }) {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 5_000 })
  const child = pty.spawn(runtime, [join(root, 'packages/cli/bin/caicaini.js'), ...args], {
    cols: columns,
    rows,
    cwd: folder,
    env: {
      HOME: folder,
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      CAICAINI_KEYCHAIN: 'off',
      ...env
    }
  })
  const checks = new Set()
  let showsCursor = true
  let lastAtMs = performance.now()
  child.onData((data) => {
    lastAtMs = performance.now()
    const [shownAt, hiddenAt] = [data.lastIndexOf(CURSOR.shown), data.lastIndexOf(CURSOR.hidden)]
    if (shownAt !== hiddenAt) showsCursor = shownAt > hiddenAt
    emulator.write(data, () => {
      for (const check of checks) check()
    })
  })
  // The emulator answers what programs ask a terminal.
  emulator.onData((data) => child.write(data))
  const exited = new Promise((resolve) => child.onExit(resolve))
  const { active } = emulator.buffer
  const line = (row) => active.getLine(row)?.translateToString(true) ?? ''
  const everything = () => Array.from({ length: active.length }, (_, row) => line(row)).join('\n')

  return {
    columns,
    type: (text) => child.write(text),
    /** Resolves with what `take` makes of the first picture in which `pattern` is seen. */
    until(pattern, take = () => undefined) {
      return new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`${pattern} was not seen:\n${everything()}`)), LIMIT_MS)
        const check = () => {
          if (!pattern.test(everything())) return
          clearTimeout(limit)
          checks.delete(check)
          resolve(take())
        }
        checks.add(check)
        check()
      })
    },
    /** Resolves once nothing more is drawn. */
    async quiet() {
      const fromMs = performance.now()
      while (performance.now() - Math.max(fromMs, lastAtMs) < QUIET_MS)
        await new Promise((resolve) => setTimeout(resolve, 50))
    },
    /** The rows from the last one that `first` matches, or from the top, to the last with anything in it. */
    rows(first) {
      let to = active.length
      const lowest = showsCursor ? active.baseY + active.cursorY : 0
      while (to - 1 > lowest && line(to - 1) === '') to--
      let from = first ? to - 1 : 0
      while (first && from > 0 && !first.test(line(from))) from--
      const cursor = showsCursor ? { row: active.baseY + active.cursorY - from, column: active.cursorX } : undefined
      return { columns, cursor, rows: Array.from({ length: to - from }, (_, i) => cellsOf(active.getLine(from + i))) }
    },
    async close() {
      child.kill('SIGTERM')
      await exited
    }
  }
}

/** A directory that is gone after `use`. */
export async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-pictures-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A row as plain data, one entry for each character. */
function cellsOf(line) {
  const cells = []
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column)
    if (cell.getWidth() === 0) continue
    cells.push({
      column,
      width: cell.getWidth(),
      chars: cell.getChars() || ' ',
      foreground: colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
      background: colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
      bold: Boolean(cell.isBold()),
      dim: Boolean(cell.isDim()),
      italic: Boolean(cell.isItalic()),
      underline: Boolean(cell.isUnderline()),
      strike: Boolean(cell.isStrikethrough()),
      inverse: Boolean(cell.isInverse())
    })
  }
  return cells
}

/** The number in the terminal's palette, `#rrggbb`, or undefined for its default. */
function colourOf(isDefault, isRgb, colour) {
  if (isDefault) return undefined
  return isRgb ? `#${colour.toString(16).padStart(6, '0')}` : colour
}
