/* The first rows of a paragraph that outgrew the screen: finished while the rest is still coming. */
import { type Draft, emit, type Leaf } from './block-state.js'
import { inlineRuns, lexInline, settledLength } from './inline.js'
import { prefixWidth } from './prefix.js'
import { wrap } from './wrap.js'

/** A paragraph is never looked at as a whole beyond this, however large the terminal. */
const WEIGHT_MAX = 4_000
/** The last rows may still change: a word grows, and a mark that may not begin a row takes its neighbour along. */
const UNSURE_ROWS = 2

type Paragraph = Extract<Leaf, { kind: 'paragraph' }>

/** Finishes the first rows of the open paragraph where it has grown too tall. */
export function finishEarly(draft: Draft): void {
  const leaf = draft.leaf
  if (leaf?.kind !== 'paragraph') return
  const { columns, rowsMax } = draft.limits
  const weight = leaf.text.length + leaf.lines * columns
  if (weight < Math.min(leaf.checkAt, WEIGHT_MAX * 2)) return
  const cut = placeOfCut(draft, leaf)
  // By a share of what is there: text whose rows are few for its length is not looked at all the time.
  const step = Math.max(columns, Math.min(columns * rowsMax, WEIGHT_MAX) / 8, weight / 8)
  if (cut === undefined) {
    draft.leaf = { ...leaf, checkAt: weight + step }
    return
  }
  emit(draft, { kind: 'paragraph', text: leaf.text.slice(0, cut.at).trimEnd() }, leaf.gap)
  const text = leaf.text.slice(cut.at)
  draft.leaf = {
    ...leaf,
    text,
    gap: null,
    lines: text.split('\n').length,
    checkAt: Math.min(columns * rowsMax, WEIGHT_MAX) / 2,
    whole: cut.atLine || text.includes('\n') ? 'line' : 'none'
  }
}

function placeOfCut(draft: Draft, { text }: Paragraph): { at: number; atLine: boolean } | undefined {
  const { columns, rowsMax, links = true, marks = false } = draft.limits
  draft.work += text.length
  const tokens = lexInline(text)
  const width = Math.max(1, columns - prefixWidth(draft.containers, columns))
  const rows = wrap(inlineRuns(text, {}, { links, marks }), width)
  if (rows.length <= rowsMax && text.length < WEIGHT_MAX) return undefined
  const last = rows.length - UNSURE_ROWS
  const settled = settledLength(text, tokens)
  const starts = rows.slice(1, last).flatMap(({ at }) => (at === undefined ? [] : [at]))
  const forced = rows.length > 2 * rowsMax || text.length >= 2 * WEIGHT_MAX
  const at = starts.findLast((start) => start <= settled) ?? (forced ? (starts.at(-1) ?? half(text)) : undefined)
  return at === undefined ? undefined : { at, atLine: text[at - 1] === '\n' }
}

/** Where nothing better is known; not within a surrogate pair. */
function half(text: string): number {
  const at = Math.floor(text.length / 2)
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : at
}
