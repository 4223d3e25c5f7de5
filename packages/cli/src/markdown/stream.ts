/*
 * A markdown text as it grows: what of it is finished, and what is not. A character is looked at when its line is
 * complete (or has grown very long), so how the text was cut on its way changes nothing, and the cost of a call is
 * that of the text it brings.
 */
import { neutralise } from '../lib/sanitize.js'
import type { BlockState, Draft, StreamLimits } from './block-state.js'
import { closeTo, takeLine } from './blocks.js'
import { closedForNow } from './closing.js'
import { finishEarly } from './early.js'
import { addCodeLine, addLiteralLine, openParagraph } from './leaves.js'
import type { MarkdownPiece } from './piece.js'

export type { StreamLimits } from './block-state.js'

/** Opaque; never changed, so it may be kept and continued again. */
export interface MarkdownStream {
  readonly state: Readonly<BlockState>
  /** The last line as far as it came, where its kind is not decided yet. */
  readonly partial: string
  /** Whether a long line's kind was decided before its end: what comes belongs to the open leaf. */
  readonly midLine: boolean
  /** A carriage return at the end, that may be half of a line's end. */
  readonly heldReturn: boolean
  readonly limits: StreamLimits
  /** How many characters were looked at so far, again and again counted. */
  readonly work: number
}

const DEFAULT_LIMITS: StreamLimits = { columns: 80, rowsMax: 24 }
const LONG_LINE_MIN = 200
const LONG_LINE_MAX = 4_000

export function newMarkdownStream(): MarkdownStream {
  return {
    state: { containers: [], leaf: undefined, lists: [], previous: undefined, blankSeen: false, nextId: 1 },
    partial: '',
    midLine: false,
    heldReturn: false,
    limits: DEFAULT_LIMITS,
    work: 0
  }
}

/** Takes more text; `finished` are pieces that will never change whatever follows, in order. */
export function advance(
  stream: MarkdownStream,
  text: string,
  limits: StreamLimits
): { stream: MarkdownStream; finished: MarkdownPiece[] } {
  const whole = stream.heldReturn ? `\r${text}` : text
  const heldReturn = whole.endsWith('\r')
  const lines = (heldReturn ? whole.slice(0, -1) : whole).replaceAll('\r\n', '\n')
  const columns = Math.max(1, limits.columns)
  const feed = new Feed(stream, { ...limits, columns, rowsMax: Math.max(1, limits.rowsMax) })
  feed.take(neutralise(lines))
  return { stream: feed.toStream(heldReturn), finished: feed.draft.out }
}

/** The end of the answer, or its stop: all that was pending. */
export function finish(stream: MarkdownStream): MarkdownPiece[] {
  const feed = new Feed(stream, stream.limits)
  feed.end(stream.heldReturn ? neutralise('\r') : '')
  return feed.draft.out
}

/** A line that so far could become a mark of its block: shown when it is clear, so that nothing flashes. */
const UNDECIDED_LINE = /^[ \t]*(?:[-+*_=#>|:`~ \t]{1,200}|\d{1,9}[.)]?)$/

/** What is not finished yet, as pieces, to be redrawn. */
export function pendingOf(stream: MarkdownStream): MarkdownPiece[] {
  const pieces = finish(UNDECIDED_LINE.test(stream.partial) ? { ...stream, partial: '' } : stream)
  const last = pieces.at(-1)
  if (last?.block.kind !== 'paragraph') return pieces
  const text = withoutTableHeader(last.block.text)
  // Where marks are shown, they are shown as they come.
  const shown = stream.limits.marks ? text : closedForNow(text)
  return [...pieces.slice(0, -1), ...(shown === '' ? [] : [{ ...last, block: { ...last.block, text: shown } }])]
}

/** A table's first line is text until the next one says otherwise: it waits for that. */
function withoutTableHeader(text: string): string {
  const at = text.lastIndexOf('\n') + 1
  return text[at] === '|' ? text.slice(0, Math.max(0, at - 1)) : text
}

class Feed {
  readonly draft: Draft
  private partial: string
  private midLine: boolean

  constructor(stream: MarkdownStream, limits: StreamLimits) {
    this.draft = { ...stream.state, out: [], limits, work: stream.work }
    this.partial = stream.partial
    this.midLine = stream.midLine
  }

  toStream(heldReturn: boolean): MarkdownStream {
    const { containers, leaf, lists, previous, blankSeen, nextId, limits, work } = this.draft
    const state = { containers, leaf, lists, previous, blankSeen, nextId }
    return { state, partial: this.partial, midLine: this.midLine, heldReturn, limits, work }
  }

  take(text: string): void {
    const { columns, rowsMax } = this.draft.limits
    const longLine = Math.min(LONG_LINE_MAX, Math.max(LONG_LINE_MIN, Math.ceil((columns * rowsMax) / 2)))
    const step = Math.ceil(longLine / 4)
    for (let at = 0; at < text.length; ) {
      const newline = text.indexOf('\n', at)
      const lineEnd = newline < 0 ? text.length : newline
      const room = this.midLine ? step - this.partial.length : longLine - this.partial.length
      const end = Math.min(lineEnd, at + room)
      this.partial += text.slice(at, end)
      at = end
      if (at === newline) {
        this.endLine()
        at += 1
      } else if (end - at + this.partial.length >= (this.midLine ? step : longLine)) this.takeLongPart()
    }
  }

  end(rest: string): void {
    this.partial += rest
    if (this.partial !== '') this.endLine()
    closeTo(this.draft, 0)
  }

  private endLine(): void {
    if (this.midLine) this.addToLeaf()
    else takeLine(this.draft, this.partial)
    this.partial = ''
    this.midLine = false
    finishEarly(this.draft)
  }

  /** Decides what a very long line is by its beginning, then hands it on part by part. */
  private takeLongPart(): void {
    // A pair that is cut in two is no character.
    const split = /[\ud800-\udbff]$/.test(this.partial)
    const part = this.partial
    if (split) this.partial = part.slice(0, -1)
    if (this.midLine) this.addToLeaf()
    else takeLine(this.draft, this.partial)
    this.partial = split ? part.slice(-1) : ''
    this.midLine = true
    finishEarly(this.draft)
  }

  private addToLeaf(): void {
    const { draft, partial } = this
    draft.work += partial.length
    const leaf = draft.leaf
    if (partial === '') return
    if (leaf?.kind === 'paragraph') draft.leaf = { ...leaf, text: leaf.text + partial }
    else if (leaf?.kind === 'fence' || leaf?.kind === 'indented') addCodeLine(draft, leaf, partial)
    else if (leaf?.kind === 'literal') addLiteralLine(draft, leaf, partial)
    else {
      closeTo(draft, draft.containers.length)
      openParagraph(draft, partial, null)
    }
  }
}
