/* How each leaf grows by a line, and what of it is finished when it ends, or before. */
import { cellsOf, delimiterRow } from './block-starts.js'
import { beginLeaf, type Draft, emit, type Gap, gapBefore, type Leaf } from './block-state.js'

/** Code is finished in groups of lines; each carries lines before it so that the highlighter knows where it is. */
const CODE_GROUP_LINES = 8
const CODE_CONTEXT_LINES = 56
const CODE_CONTEXT_CHARACTERS = 6_000

type LeafOf<Kind extends Leaf['kind']> = Extract<Leaf, { kind: Kind }>
type CodeLeaf = LeafOf<'fence'> | LeafOf<'indented'>

export function openParagraph(draft: Draft, text: string, gap: Gap = gapBefore(draft, 'paragraph')): void {
  beginLeaf(draft)
  const checkAt = (draft.limits.columns * draft.limits.rowsMax) / 2
  draft.leaf = { kind: 'paragraph', text, gap, checkAt, lines: 1, whole: 'all' }
}

export function continueParagraph(draft: Draft, leaf: LeafOf<'paragraph'>, line: string): void {
  const whole = leaf.whole === 'all' ? 'all' : 'line'
  draft.leaf = { ...leaf, text: `${leaf.text}\n${line}`, lines: leaf.lines + 1, whole }
}

/** Makes the paragraph's last line a table's header, where `line` is its delimiter row. */
export function openTable(draft: Draft, leaf: LeafOf<'paragraph'>, line: string): boolean {
  const alignments = delimiterRow(line)
  if (!alignments || leaf.whole === 'none') return false
  const at = leaf.text.lastIndexOf('\n')
  const header = cellsOf(leaf.text.slice(at + 1))
  draft.work += leaf.text.length - at
  if (header.length !== alignments.length || !leaf.text.includes('|', at + 1)) return false
  let gap = leaf.gap
  if (at >= 0) {
    emit(draft, { kind: 'paragraph', text: leaf.text.slice(0, at) }, leaf.gap)
    gap = gapBefore(draft, 'table', draft.containers.length === 0)
  }
  draft.leaf = { kind: 'table', gap, header, alignments, rows: [], height: 2, sample: undefined }
  return true
}

export function addTableRow(draft: Draft, leaf: LeafOf<'table'>, line: string): void {
  const cells = cellsOf(line).slice(0, leaf.header.length)
  const row = leaf.header.map((_, index) => cells[index] ?? '')
  const { columns, rowsMax, tableRowsMax = rowsMax } = draft.limits
  const height = leaf.height + 1 + Math.floor((2 * line.length) / columns)
  const grown = { ...leaf, rows: [...leaf.rows, row], height }
  draft.leaf = leaf.sample || height > tableRowsMax ? finishRows(draft, grown) : grown
}

function finishRows(draft: Draft, leaf: LeafOf<'table'>): LeafOf<'table'> {
  const { header, alignments, rows, gap } = leaf
  const sample = leaf.sample ?? rows
  emit(draft, { kind: 'table', header, alignments, rows, sample, headed: !leaf.sample }, gap)
  return { ...leaf, rows: [], sample, gap: null, height: 0 }
}

export function addCodeLine(draft: Draft, leaf: CodeLeaf, line: string): void {
  const grown = { ...leaf, lines: [...leaf.lines, line] }
  draft.leaf = grown.lines.length >= CODE_GROUP_LINES ? finishCode(draft, grown) : grown
}

function finishCode(draft: Draft, leaf: CodeLeaf, closes?: string): CodeLeaf {
  const { context, lines, gap } = leaf
  const opens = leaf.kind === 'fence' ? leaf.opens : undefined
  const language = leaf.kind === 'fence' ? leaf.fence.language : ''
  emit(
    draft,
    {
      kind: 'code',
      fenced: leaf.kind === 'fence',
      language,
      context,
      lines,
      ...(opens === undefined ? {} : { opens }),
      ...(closes === undefined ? {} : { closes })
    },
    gap
  )
  const next = { ...leaf, context: language === '' ? [] : contextOf([...context, ...lines]), lines: [], gap: null }
  return next.kind === 'fence' ? { ...next, opens: undefined } : next
}

/** The last lines, in whole groups, so that every group's window begins where a group does. */
function contextOf(lines: readonly string[]): string[] {
  let characters = 0
  let from = lines.length
  while (from > 0 && lines.length - from < CODE_CONTEXT_LINES) {
    characters += (lines[from - 1]?.length ?? 0) + 1
    if (characters > CODE_CONTEXT_CHARACTERS) break
    from -= 1
  }
  return lines.slice(from)
}

/** Ends the open leaf, if there is one: all of it is finished. `closes` is a fence's own last line. */
export function closeLeaf(draft: Draft, closes?: string): void {
  const leaf = draft.leaf
  draft.leaf = undefined
  switch (leaf?.kind) {
    case 'paragraph':
      if (leaf.text !== '') emit(draft, { kind: 'paragraph', text: leaf.text }, leaf.gap)
      return
    case 'fence':
      if (leaf.lines.length > 0 || leaf.opens !== undefined || closes !== undefined) finishCode(draft, leaf, closes)
      return
    case 'indented':
      if (leaf.lines.length > 0) finishCode(draft, leaf)
      return
    case 'literal':
      if (leaf.lines.length > 0) emit(draft, { kind: 'literal', lines: leaf.lines }, leaf.gap)
      return
    case 'table':
      if (leaf.rows.length > 0 || !leaf.sample) finishRows(draft, leaf)
      return
    case undefined:
  }
}

/** Literal lines wait for nothing: what was shown before them stays as it is. */
export function addLiteralLine(draft: Draft, leaf: LeafOf<'literal'>, line: string): void {
  const height = [...leaf.lines, line].reduce((sum, one) => sum + 1 + one.length / draft.limits.columns, 0)
  draft.leaf = { ...leaf, lines: [...leaf.lines, line] }
  if (height <= Math.min(draft.limits.rowsMax, CODE_GROUP_LINES)) return
  emit(draft, { kind: 'literal', lines: [...leaf.lines, line] }, leaf.gap)
  draft.leaf = { ...leaf, lines: [], gap: null }
}
