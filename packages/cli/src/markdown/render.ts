/* The rows of a terminal for a piece: each complete in itself, ready to be printed once. */
import { codeLines } from './code.js'
import { foldRow } from './fold.js'
import { inlineRuns } from './inline.js'
import type { MarkdownLook } from './look.js'
import type { MarkdownPiece, PieceBlock, PieceContainer } from './piece.js'
import { type Prefix, prefixOf } from './prefix.js'
import { advance, finish, newMarkdownStream, type StreamLimits } from './stream.js'
import { type Run, type TextStyle, toRow } from './style.js'
import { tableRows } from './table.js'
import { wrap } from './wrap.js'

export type { MarkdownLook } from './look.js'

const RULE_COLUMNS_MAX = 40
const ROWS_MAX = 60

/** Rows with SGR sequences, none wider than `columns` (lines of code excepted), each row's styles closed at its end. */
export function renderPiece(piece: MarkdownPiece, look: MarkdownLook): string[] {
  const columns = Math.max(2, look.columns)
  const quoted = piece.within.some(({ kind }) => kind === 'quote')
  const style: TextStyle = quoted ? { dim: true } : {}
  const mark: TextStyle = { dim: true }
  const prefix = prefixOf(piece.within, columns, mark)
  const rows = blockRows(piece.block, look, { columns: columns - prefix.width, style })
  if (rows.length === 0) return []
  const shown = rows
    .map((runs, index) => [...before(prefix, index), ...runs])
    .flatMap((runs) => (look.folds ? foldRow(runs, columns) : [runs]))
    .map((runs) => toRow(runs, look.colour))
  if (piece.gap === null) return shown
  return [toRow(blankPrefix(piece.within.slice(0, piece.gap), columns, mark), look.colour), ...shown]
}

function before(prefix: Prefix, index: number): readonly Run[] {
  return index === 0 ? prefix.first : prefix.later
}

function blankPrefix(within: readonly PieceContainer[], columns: number, mark: TextStyle): readonly Run[] {
  return prefixOf(within, columns, mark).later
}

function blockRows(block: PieceBlock, look: MarkdownLook, place: { columns: number; style: TextStyle }): Run[][] {
  switch (block.kind) {
    case 'paragraph':
      return textRows(inlineRuns(block.text, place.style, inlineLook(look)), place.columns)
    case 'heading':
      return headingRows(block, look, place)
    case 'code':
      return codeLines(block, look)
    case 'table':
      return tableRows(block, look, place)
    case 'literal':
      return textRows([{ text: block.lines.join('\n'), style: place.style }], place.columns)
    case 'rule':
      if (look.plain) return []
      return [[{ text: '─'.repeat(Math.min(RULE_COLUMNS_MAX, place.columns)), style: { dim: true } }]]
    case 'empty':
      return [[]]
  }
}

/** What a stream has to know of a look so that the rows it finishes early are those of the whole. */
export function limitsOf(look: MarkdownLook, rowsMax: number): StreamLimits {
  return { columns: look.columns, rowsMax, ...inlineLook(look) }
}

function inlineLook({ links, colour, plain }: MarkdownLook) {
  return { links: links && !plain, marks: colour === 'none' && !plain }
}

function textRows(runs: readonly Run[], columns: number): Run[][] {
  return wrap(runs, columns).map((row) => [...row.runs])
}

function headingRows(
  { level, text }: { level: number; text: string },
  look: MarkdownLook,
  { columns, style }: { columns: number; style: TextStyle }
): Run[][] {
  const runs = inlineRuns(text, { ...style, bold: true, colour: 'heading' }, inlineLook(look))
  if (look.plain) return textRows([{ text: `Heading ${level}: `, style: {} }, ...runs], columns)
  if (look.colour === 'none') return textRows([{ text: `${'#'.repeat(level)} `, style: {} }, ...runs], columns)
  return textRows(
    level === 1 ? runs.map((run) => ({ ...run, style: { ...run.style, underline: true } })) : runs,
    columns
  )
}

/** A whole text at once; equals streaming it in any cuts. */
export function renderMarkdown(text: string, look: MarkdownLook, rowsMax = ROWS_MAX): string[] {
  const { stream, finished } = advance(newMarkdownStream(), text, limitsOf(look, rowsMax))
  return [...finished, ...finish(stream)].flatMap((piece) => renderPiece(piece, look))
}
