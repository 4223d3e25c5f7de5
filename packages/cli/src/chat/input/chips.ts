import { type Attachment, sizeText } from '../../lib/attach.js'
import { grouped } from '../../lib/money-text.js'

export { type Attachment, sizeText }

/*
 * What is too large to be shown while it is typed stands in the input as one character that no text has: a
 * noncharacter of Unicode (U+FDD0-FDEF), which the cursor steps over and one Backspace deletes.
 */
const FIRST = 0xfdd0
export const CHIPS_MAX = 32

/** Pasted text, or a file that goes along. */
export type Chip =
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'file'; readonly file: Attachment }

/** A message as it was typed: its text with a mark for each of `chips`. */
export interface Draft {
  readonly text: string
  readonly chips: readonly Chip[]
  /** In place of the session's model, this once: `/opus why?`. */
  readonly model?: string
}

/** The draft as it is typed: what names a model begins with it again. */
export function asTyped({ text, chips, model }: Draft): Draft {
  return { text: model === undefined ? text : `/${model} ${text}`, chips }
}

export const NO_DRAFT: Draft = { text: '', chips: [] }

/** A paste longer than this becomes a chip. */
const PASTE_LINES_MAX = 8
const PASTE_CHARS_MAX = 1_000

export function isLargePaste(text: string): boolean {
  return text.length > PASTE_CHARS_MAX || lineCount(text) > PASTE_LINES_MAX
}

/** The character that stands for chip number `index`. */
export function markOf(index: number): string {
  return String.fromCharCode(FIRST + index)
}

/** Which chip a character stands for; undefined for any other. */
export function chipAt(character: string, chips: readonly Chip[]): Chip | undefined {
  return chips[character.charCodeAt(0) - FIRST]
}

/** What is shown in the chip's place. */
export function chipLabel(chip: Chip): string {
  if (chip.kind === 'paste') {
    const lines = lineCount(chip.text)
    return lines > 1 ? `[pasted ${lines} lines]` : `[pasted ${chip.text.length} characters]`
  }
  const { name, bytes, tokens } = chip.file
  return `[${name} ${sizeText(bytes)} ~${grouped(tokens)} tokens]`
}

/** The draft with a chip at `cursor`; undefined when it has as many as it can. Chips that were deleted make room. */
export function addChip(
  { text, chips }: Draft,
  cursor: number,
  chip: Chip
): { readonly draft: Draft; readonly cursor: number } | undefined {
  const used = new Set([...text].map((character) => character.charCodeAt(0) - FIRST))
  const free = Array.from({ length: CHIPS_MAX }, (_, index) => index).find((index) => !used.has(index))
  if (free === undefined) return undefined
  const next = [...chips]
  next[free] = chip
  return { draft: { text: text.slice(0, cursor) + markOf(free) + text.slice(cursor), chips: next }, cursor: cursor + 1 }
}

/** The text with pastes written out and files left out: what is sent, beside the files. */
export function expand({ text, chips }: Draft): { readonly text: string; readonly files: readonly Attachment[] } {
  const files: Attachment[] = []
  const expanded = text.replace(/[\ufdd0-\ufdef]/g, (mark) => {
    const chip = chipAt(mark, chips)
    if (chip?.kind === 'file') files.push(chip.file)
    return chip?.kind === 'paste' ? chip.text : ''
  })
  return { text: expanded, files }
}

/** The draft as it reads on one's screen, chips as their labels. */
export function shownText({ text, chips }: Draft): string {
  return text.replace(/[\ufdd0-\ufdef]/g, (mark) => {
    const chip = chipAt(mark, chips)
    return chip ? chipLabel(chip) : ''
  })
}

export function isEmpty({ text }: Draft): boolean {
  return text.trim() === ''
}

function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length
}
