/*
 * What is open at some place of a text: the quotes and list items around it, and the leaf in them. Values are never
 * changed, only replaced, so a stream may be kept and continued twice.
 */
import type { Fence, LiteralEnd } from './block-starts.js'
import type { Alignment, MarkdownPiece, PieceBlock } from './piece.js'

export interface OpenContainer {
  readonly id: number
  readonly kind: 'quote' | 'item'
  /** Of an item: how far its content is indented, and what stands before its first row. */
  readonly indent: number
  readonly marker: string
  /** Whether a piece had the marker already. */
  readonly printed: boolean
  /** Whether a blank line stood before it. */
  readonly afterBlank: boolean
}

/** The list that ended last at a depth: an item that is alike continues its numbers. */
export interface SeenList {
  readonly delimiter: string
  readonly number: number
}

export type Gap = number | null

export type Leaf =
  | {
      readonly kind: 'paragraph'
      readonly text: string
      readonly gap: Gap
      /** How heavy the text may become before its first rows are looked at for being finished. */
      readonly checkAt: number
      readonly lines: number
      /** Whether all of it, or at least its last line, is still here: headings and tables are made of whole ones. */
      readonly whole: 'all' | 'line' | 'none'
    }
  | {
      readonly kind: 'fence'
      readonly fence: Fence
      /** How far the fence was indented: its lines lose as much. */
      readonly indent: number
      readonly gap: Gap
      readonly context: readonly string[]
      readonly lines: readonly string[]
      readonly opens: string | undefined
    }
  | {
      readonly kind: 'indented'
      readonly gap: Gap
      readonly context: readonly string[]
      readonly lines: readonly string[]
      /** Blank lines that are part of the code only if more follows. */
      readonly blanks: number
    }
  | { readonly kind: 'literal'; readonly end: LiteralEnd; readonly gap: Gap; readonly lines: readonly string[] }
  | {
      readonly kind: 'table'
      readonly gap: Gap
      readonly header: readonly string[]
      readonly alignments: readonly Alignment[]
      readonly rows: readonly (readonly string[])[]
      /** About how many rows of the terminal these rows take. */
      readonly height: number
      /** Set once the first rows are finished: later ones take their widths. */
      readonly sample: readonly (readonly string[])[] | undefined
    }

export interface BlockState {
  containers: readonly OpenContainer[]
  leaf: Leaf | undefined
  /** By depth: the last list among the containers' contents. */
  lists: readonly (SeenList | undefined)[]
  /** The containers and kind of what came last. */
  previous: { readonly ids: readonly number[]; readonly kind: PieceBlock['kind'] } | undefined
  blankSeen: boolean
  nextId: number
}

export interface StreamLimits {
  readonly columns: number
  /** About how many rows may be unfinished. */
  readonly rowsMax: number
  /** The same of a table, whose columns are as wide as what is in them only when it is whole. */
  readonly tableRowsMax?: number
  /** As in the look, for counting rows as they will be; true and false where not said. */
  readonly links?: boolean
  readonly marks?: boolean
}

/** What a line does: changes `state`, whose values are replaced, and adds to `out`. */
export interface Draft extends BlockState {
  out: MarkdownPiece[]
  readonly limits: StreamLimits
  /** Characters looked at, but for the constant few of each: grows with the text's length alone. */
  work: number
}

const BLANK_AROUND: readonly PieceBlock['kind'][] = ['code', 'table', 'literal']

/** The blank row before a block of `kind` that begins here. */
export function gapBefore(draft: Draft, kind: PieceBlock['kind'], afterBlank = draft.blankSeen): Gap {
  const { previous, containers } = draft
  if (!previous) return null
  let shared = 0
  while (shared < containers.length && containers[shared]?.id === previous.ids[shared]) shared += 1
  if (afterBlank || containers[shared]?.afterBlank) return shared
  // Outside of lists and quotes, what is set apart by its look is set apart by blank rows too.
  if (containers.length > 0 || previous.ids.length > 0) return null
  return kind === 'heading' || BLANK_AROUND.includes(kind) || BLANK_AROUND.includes(previous.kind) ? 0 : null
}

/** A block in the open containers: their markers are printed with it. */
export function emit(draft: Draft, block: PieceBlock, gap: Gap): void {
  draft.out.push({
    gap,
    within: draft.containers.map(({ kind, marker, printed }) =>
      kind === 'quote' ? { kind } : { kind, marker, first: !printed }
    ),
    block
  })
  if (draft.containers.some(({ printed }) => !printed)) {
    draft.containers = draft.containers.map((container) => ({ ...container, printed: true }))
  }
  draft.previous = { ids: draft.containers.map(({ id }) => id), kind: block.kind }
}

/** Notes that something begins here: blank lines before it are used up, a list before it is over. */
export function beginLeaf(draft: Draft): void {
  draft.blankSeen = false
  draft.lists = draft.lists.slice(0, draft.containers.length)
}
