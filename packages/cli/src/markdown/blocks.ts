/*
 * The block structure, a line at a time, in the way of CommonMark's reference parser
 * (https://spec.commonmark.org/0.31.2/#appendix-a-parsing-strategy). A library's parser takes whole texts and does not
 * say what of a text is final; here a line is looked at once and what it finishes is told. What a terminal shows as it
 * is written (blank lines in lists, line breaks, references) needs no later line.
 */
import { fenceStart, headingStart, isFenceEnd, isRule, listMarker, literalStart, setextLevel } from './block-starts.js'
import { beginLeaf, type Draft, emit, gapBefore, type Leaf } from './block-state.js'
import {
  addCodeLine,
  addLiteralLine,
  addTableRow,
  closeLeaf,
  continueParagraph,
  openParagraph,
  openTable
} from './leaves.js'
import { atStart, indentOf, type LineCursor, restOf, skipCharacters, skipColumns } from './line-cursor.js'

/** Deeper quotes and lists are text. */
const CONTAINERS_MAX = 16

/** One line without its newline. */
export function takeLine(draft: Draft, line: string): void {
  draft.work += line.length
  const { cursor, matched } = matchContainers(draft, line)
  const all = matched === draft.containers.length
  if (all && draft.leaf?.kind === 'fence') takeFenceLine(draft, draft.leaf, cursor)
  else if (indentOf(cursor).next === '') takeBlank(draft, matched)
  else if (all && draft.leaf?.kind === 'literal') takeLiteralLine(draft, draft.leaf, restOf(cursor))
  else takeStarts(draft, { cursor, depth: matched, all, started: false })
}

/** The open containers that the line continues, from the outermost. */
function matchContainers(draft: Draft, line: string): { cursor: LineCursor; matched: number } {
  let cursor = atStart(line)
  let matched = 0
  for (const { kind, indent } of draft.containers) {
    const ahead = indentOf(cursor)
    if (kind === 'item') {
      if (ahead.next !== '' && ahead.columns < indent) break
      cursor = skipColumns(cursor, indent)
    } else {
      if (ahead.columns > 3 || ahead.next !== '>') break
      cursor = afterQuoteMark(skipColumns(cursor, ahead.columns))
    }
    matched += 1
  }
  return { cursor, matched }
}

function afterQuoteMark(cursor: LineCursor): LineCursor {
  return skipColumns(skipCharacters(cursor, 1), 1)
}

function takeFenceLine(draft: Draft, leaf: Extract<Leaf, { kind: 'fence' }>, cursor: LineCursor): void {
  const ahead = indentOf(cursor)
  const text = cursor.line.slice(ahead.at)
  if (ahead.columns <= 3 && isFenceEnd(text, leaf.fence)) closeLeaf(draft, text.trimEnd())
  else addCodeLine(draft, leaf, restOf(skipColumns(cursor, leaf.indent)))
}

function takeLiteralLine(draft: Draft, leaf: Extract<Leaf, { kind: 'literal' }>, line: string): void {
  addLiteralLine(draft, leaf, line)
  if (leaf.end !== 'blank' && line.includes(leaf.end)) closeLeaf(draft)
}

function takeBlank(draft: Draft, matched: number): void {
  const leaf = draft.leaf
  if (leaf?.kind === 'indented' && matched === draft.containers.length) {
    draft.leaf = { ...leaf, blanks: leaf.blanks + 1 }
  } else {
    // An item that begins with two blank lines has no content.
    const empty = leaf ? -1 : draft.containers.findIndex(({ kind, printed }) => kind === 'item' && !printed)
    closeTo(draft, empty < 0 ? matched : Math.min(matched, empty))
  }
  draft.blankSeen = true
}

/** Ends the leaf and the containers from `depth` on; an item that had nothing is shown by its marker. */
export function closeTo(draft: Draft, depth: number): void {
  closeLeaf(draft)
  const empty = draft.containers.slice(depth).find(({ kind, printed }) => kind === 'item' && !printed)
  if (empty) emit(draft, { kind: 'empty' }, gapBefore(draft, 'empty', empty.afterBlank))
  if (depth < draft.containers.length) draft.containers = draft.containers.slice(0, depth)
}

interface Place {
  readonly cursor: LineCursor
  /** How many containers the line is in so far. */
  readonly depth: number
  /** Whether the line continues all containers that were open. */
  readonly all: boolean
  /** Whether it began containers itself. */
  readonly started: boolean
}

function takeStarts(draft: Draft, begin: Place): void {
  let place = begin
  for (let next = startContainer(draft, place); next; next = startContainer(draft, place)) place = next
  startLeaf(draft, place)
}

/** Begins the quote or the list item at the cursor, if there is one. */
function startContainer(draft: Draft, place: Place): Place | undefined {
  const ahead = indentOf(place.cursor)
  if (ahead.columns > 3 || place.depth >= CONTAINERS_MAX) return undefined
  const text = place.cursor.line.slice(ahead.at)
  const inParagraph = place.all && !place.started && draft.leaf?.kind === 'paragraph'
  if (ahead.next === '>') {
    closeTo(draft, place.depth)
    draft.lists = draft.lists.slice(0, place.depth)
    pushContainer(draft, { kind: 'quote', indent: 0, marker: '' })
    const cursor = afterQuoteMark(skipColumns(place.cursor, ahead.columns))
    return { cursor, depth: place.depth + 1, all: true, started: true }
  }
  if (isRule(text) || (inParagraph && setextLevel(text) !== undefined)) return undefined
  const marker = listMarker(text)
  if (!marker) return undefined
  const after = skipCharacters(skipColumns(place.cursor, ahead.columns), marker.length)
  const space = indentOf(after)
  // A sentence may go on with a number or a dash: only what clearly begins a list ends it.
  if (inParagraph && (space.next === '' || (marker.ordered && marker.number !== 1))) return undefined
  closeTo(draft, place.depth)
  const padding = space.next === '' || space.columns > 4 ? 1 : space.columns
  const seen = draft.lists[place.depth]
  const number = seen?.delimiter === marker.delimiter ? seen.number + 1 : marker.number
  draft.lists = [...draft.lists.slice(0, place.depth), { delimiter: marker.delimiter, number }]
  const shown = marker.ordered ? `${number}${marker.delimiter}` : '-'
  pushContainer(draft, { kind: 'item', indent: ahead.columns + marker.length + padding, marker: shown })
  return { cursor: skipColumns(after, padding), depth: place.depth + 1, all: true, started: true }
}

function pushContainer(draft: Draft, container: { kind: 'quote' | 'item'; indent: number; marker: string }): void {
  const afterBlank = draft.blankSeen
  draft.blankSeen = false
  while (draft.lists.length < draft.containers.length + 1) draft.lists = [...draft.lists, undefined]
  draft.containers = [...draft.containers, { ...container, id: draft.nextId, printed: false, afterBlank }]
  draft.nextId += 1
}

function startLeaf(draft: Draft, place: Place): void {
  const ahead = indentOf(place.cursor)
  const text = place.cursor.line.slice(ahead.at)
  const open = place.started ? undefined : draft.leaf
  if (text === '') return
  const paragraph = open?.kind === 'paragraph' ? open : undefined
  if (ahead.columns > 3) {
    if (paragraph) continueParagraph(draft, paragraph, text)
    else startIndented(draft, place)
    return
  }
  if (startSpecial(draft, { text, indent: ahead.columns }, place)) return
  if (paragraph) {
    if (!place.all || !openTable(draft, paragraph, text)) continueParagraph(draft, paragraph, text)
  } else if (open?.kind === 'table' && place.all) addTableRow(draft, open, text)
  else {
    closeTo(draft, place.depth)
    openParagraph(draft, text)
  }
}

function startIndented(draft: Draft, { cursor, depth, all, started }: Place): void {
  const line = restOf(skipColumns(cursor, 4))
  if (draft.leaf?.kind !== 'indented' || !all || started) {
    closeTo(draft, depth)
    const gap = gapBefore(draft, 'code')
    beginLeaf(draft)
    draft.leaf = { kind: 'indented', gap, context: [], lines: [], blanks: 0 }
  }
  for (let blank = draft.leaf.blanks; blank > 0; blank -= 1) {
    if (draft.leaf?.kind === 'indented') addCodeLine(draft, draft.leaf, '')
  }
  if (draft.leaf?.kind === 'indented') addCodeLine(draft, { ...draft.leaf, blanks: 0 }, line)
  draft.blankSeen = false
}

/** A heading, rule, fence or literal block at the cursor, if there is one. */
function startSpecial(draft: Draft, { text, indent }: { text: string; indent: number }, place: Place): boolean {
  const open = place.all && !place.started ? draft.leaf : undefined
  const level = open?.kind === 'paragraph' && open.whole === 'all' && open.lines === 1 ? setextLevel(text) : undefined
  if (level !== undefined && open?.kind === 'paragraph') {
    draft.leaf = undefined
    emit(draft, { kind: 'heading', level, text: open.text.trim() }, open.gap)
    return true
  }
  const heading = headingStart(text)
  if (heading) return single(draft, place.depth, { kind: 'heading', ...heading })
  if (isRule(text)) return single(draft, place.depth, { kind: 'rule' })
  const fence = fenceStart(text)
  if (fence) {
    closeTo(draft, place.depth)
    const gap = gapBefore(draft, 'code')
    beginLeaf(draft)
    draft.leaf = { kind: 'fence', fence, indent, gap, context: [], lines: [], opens: text.trimEnd() }
    return true
  }
  const end = literalStart(text, { inParagraph: open?.kind === 'paragraph' })
  if (end === undefined) return false
  closeTo(draft, place.depth)
  const gap = gapBefore(draft, 'literal')
  beginLeaf(draft)
  addLiteralLine(draft, { kind: 'literal', end, gap, lines: [] }, text)
  if (end !== 'blank' && text.includes(end, 2)) closeLeaf(draft)
  return true
}

function single(
  draft: Draft,
  depth: number,
  block: { kind: 'heading'; level: number; text: string } | { kind: 'rule' }
): true {
  closeTo(draft, depth)
  const gap = gapBefore(draft, block.kind)
  beginLeaf(draft)
  emit(draft, block, gap)
  return true
}
