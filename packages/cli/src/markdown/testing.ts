import { readFileSync } from 'node:fs'
import { limitsOf, type MarkdownLook, renderPiece } from './render.js'
import { advance, finish, newMarkdownStream, pendingOf } from './stream.js'

/** An answer with everything in it. */
export const answer = readFileSync(new URL('fixtures/answer.md', import.meta.url), 'utf8')

export const plainLook: MarkdownLook = { columns: 80, colour: 'none', links: false, plain: false }

/** What was printed when the pieces of text came one by one, and how many rows were pending at most. */
export function streamed(parts: readonly string[], look: MarkdownLook, rowsMax: number) {
  let stream = newMarkdownStream()
  const rows: string[] = []
  let pendingMax = 0
  for (const part of parts) {
    const step = advance(stream, part, limitsOf(look, rowsMax))
    stream = step.stream
    rows.push(...step.finished.flatMap((piece) => renderPiece(piece, look)))
    const pending = pendingOf(stream).flatMap((piece) => renderPiece(piece, look))
    pendingMax = Math.max(pendingMax, pending.length)
  }
  rows.push(...finish(stream).flatMap((piece) => renderPiece(piece, look)))
  return { rows, pendingMax, work: stream.work }
}

export function inPiecesOf(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length)
  )
}

/** The text without SGR and OSC 8. */
export function withoutSequences(row: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that we write ourselves
  return row.replace(/\u001b\[[\d;]*m|\u001b\]8;;[^\u001b]*\u001b\\/g, '')
}
