/*
 * What a line begins, by CommonMark 0.31 and GFM's tables. Each takes the line's rest without its indentation.
 */
import type { Alignment } from './piece.js'

export interface ListMarker {
  readonly ordered: boolean
  /** `-`, `+`, `*`, `.` or `)`: another one begins another list. */
  readonly delimiter: string
  readonly number: number
  /** The marker's characters. */
  readonly length: number
}

export function listMarker(text: string): ListMarker | undefined {
  const bullet = /^[-+*](?=[ \t]|$)/.exec(text)
  if (bullet) return { ordered: false, delimiter: bullet[0], number: 0, length: 1 }
  const ordered = /^(\d{1,9})([.)])(?=[ \t]|$)/.exec(text)
  if (!ordered) return undefined
  return { ordered: true, delimiter: ordered[2] ?? '.', number: Number(ordered[1]), length: ordered[0].length }
}

export interface Fence {
  readonly character: string
  readonly length: number
  readonly language: string
}

export function fenceStart(text: string): Fence | undefined {
  const match = /^(`{3,}|~{3,})(.*)$/.exec(text)
  const [, marks = '', info = ''] = match ?? []
  // A line such as ```` ```code``` ```` is a code span.
  if (!match || (marks[0] === '`' && info.includes('`'))) return undefined
  return { character: marks[0] ?? '`', length: marks.length, language: /^[^\s{,]*/.exec(info.trim())?.[0] ?? '' }
}

export function isFenceEnd(text: string, { character, length }: Fence): boolean {
  const marks = text.trimEnd()
  return marks.length >= length && marks === character.repeat(marks.length)
}

export function headingStart(text: string): { level: number; text: string } | undefined {
  const match = /^(#{1,6})(?:[ \t]+|$)/.exec(text)
  if (!match) return undefined
  const content = text.slice(match[0].length).trimEnd()
  // Closing marks count only after a space; searched from the end, since a pattern would try every mark.
  let end = content.length
  while (content[end - 1] === '#') end -= 1
  const before = content.slice(0, end)
  const closed = end < content.length && (before === '' || /[ \t]$/.test(before))
  return { level: match[1]?.length ?? 1, text: (closed ? before : content).trim() }
}

export function isRule(text: string): boolean {
  const mark = text[0]
  if (mark !== '-' && mark !== '*' && mark !== '_') return false
  let marks = 0
  for (const character of text) {
    if (character === mark) marks += 1
    else if (character !== ' ' && character !== '\t') return false
  }
  return marks >= 3
}

/** The level of the heading that this line makes of the line before it. */
export function setextLevel(text: string): number | undefined {
  const marks = text.trimEnd()
  if (/^=+$/.test(marks)) return 1
  return /^-+$/.test(marks) ? 2 : undefined
}

const HTML_BLOCKS =
  'address|article|aside|blockquote|body|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|nav|ol|optgroup|option|p|param|pre|script|search|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul'
const HTML_START = new RegExp(`^<(?:!--|\\?|!\\[CDATA\\[|![A-Za-z]|/?(?:${HTML_BLOCKS})(?:[\\s/>]|$))`, 'i')
const HTML_TAG_ALONE = /^<\/?[A-Za-z][A-Za-z0-9-]{0,60}(?:\s[^<>]{0,1000})?>\s*$/

/** How what is shown as it is ends: HTML at a blank line, mathematics at its own mark or a blank line. */
export type LiteralEnd = 'blank' | '$$' | '\\]'

export function literalStart(text: string, { inParagraph }: { inParagraph: boolean }): LiteralEnd | undefined {
  if (text[0] === '<') {
    return HTML_START.test(text) || (!inParagraph && HTML_TAG_ALONE.test(text)) ? 'blank' : undefined
  }
  const end = text.startsWith('$$') ? '$$' : text.startsWith('\\[') ? '\\]' : undefined
  // One that ends within its line, with more text after it, stands in a sentence.
  if (end === undefined || !text.includes(end, 2)) return end
  return text.trimEnd().endsWith(end) ? end : undefined
}

/** The cells of a table's row: a `|` in a cell is written `\|`. */
export function cellsOf(line: string): string[] {
  const text = line.trim()
  const cells: string[] = []
  let cell = ''
  for (let at = text[0] === '|' ? 1 : 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '\\' && text[at + 1] === '|') {
      cell += '|'
      at += 1
    } else if (character === '|') {
      cells.push(cell.trim())
      cell = ''
      if (at === text.length - 1) return cells
    } else cell += character
  }
  return [...cells, cell.trim()]
}

/** The columns that a line such as `|:--|--:|` makes of the line before it. */
export function delimiterRow(text: string): Alignment[] | undefined {
  if (!/^[|:\- \t]+$/.test(text) || !text.includes('-')) return undefined
  const cells = cellsOf(text)
  if (!cells.every((cell) => /^:?-+:?$/.test(cell))) return undefined
  // Without a pipe only a colon tells it from a heading's or a list's line.
  if (!/[|:]/.test(text)) return undefined
  return cells.map((cell) => {
    if (!cell.endsWith(':')) return 'left'
    return cell.startsWith(':') ? 'center' : 'right'
  })
}
