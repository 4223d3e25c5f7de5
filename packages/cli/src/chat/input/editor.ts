import { addChip, type Chip, type Draft } from './chips.js'
import { bufferOf, EMPTY, insert, type TextBuffer } from './text-buffer.js'

/** The input line with all that keys may do to it. Plain data: every change makes a new one. */
export interface Editor {
  readonly buffer: TextBuffer
  readonly chips: readonly Chip[]
  /** Earlier states, the newest last. */
  readonly undone: readonly Snapshot[]
  /** What the last edit was, so that letters typed in a row are undone together. */
  readonly last: 'typed' | 'killed' | 'other'
  /** What Ctrl-K, Ctrl-U and Ctrl-W took, for Ctrl-Y. */
  readonly killed: string
  /** Which earlier message is shown: 0 = none, 1 = the newest; and what was being typed before. */
  readonly recalled: { readonly back: number; readonly draft: Snapshot | undefined }
  readonly search: Search | undefined
  readonly menu: Menu | undefined
}

type Snapshot = Pick<Editor, 'buffer' | 'chips'>

/** Ctrl-R: the newest earlier message that has `query` in it, `nth` matches back. */
export interface Search {
  readonly query: string
  readonly nth: number
  readonly found: string | undefined
}

/** What could be completed: the text from `from` to the cursor gives way to an item. */
export interface Menu {
  readonly kind: 'command' | 'file'
  readonly from: number
  readonly items: readonly MenuItem[]
  readonly index: number
}

export interface MenuItem {
  readonly value: string
  readonly about: string
  /** Enter carries it out as it is. */
  readonly runs?: boolean
}

const UNDO_MAX = 200

export const NEW_EDITOR: Editor = {
  buffer: EMPTY,
  chips: [],
  undone: [],
  last: 'other',
  killed: '',
  recalled: { back: 0, draft: undefined },
  search: undefined,
  menu: undefined
}

export function draftOf({ buffer, chips }: Pick<Editor, 'buffer' | 'chips'>): Draft {
  return { text: buffer.text, chips }
}

/** The editor with another text in it, which Ctrl-_ takes back. */
export function withDraft(editor: Editor, { text, chips }: Draft): Editor {
  return changed(editor, { buffer: bufferOf(text), chips }, 'other')
}

/** Emptied, as after sending: nothing to undo, what was killed stays. */
export function emptied({ killed }: Editor): Editor {
  return { ...NEW_EDITOR, killed }
}

/** A step that can be undone. Moves of the cursor are no step. */
export function changed(editor: Editor, next: Snapshot, how: Editor['last']): Editor {
  const { buffer, chips, undone, last } = editor
  const isEdit = next.buffer.text !== buffer.text || next.chips !== chips
  // Letters in a row are one step, up to a space.
  const joins = how === 'typed' && last === 'typed' && !/\s$/.test(buffer.text.slice(0, buffer.cursor))
  return {
    ...editor,
    ...next,
    undone: isEdit && !joins ? [...undone.slice(-UNDO_MAX + 1), { buffer, chips }] : undone,
    last: isEdit ? how : 'other',
    recalled: isEdit ? { back: 0, draft: undefined } : editor.recalled,
    menu: undefined
  }
}

export function edited(editor: Editor, edit: (buffer: TextBuffer) => TextBuffer): Editor {
  return changed(editor, { buffer: edit(editor.buffer), chips: editor.chips }, 'other')
}

export function typed(editor: Editor, text: string): Editor {
  return changed(editor, { buffer: insert(editor.buffer, text), chips: editor.chips }, 'typed')
}

/** A deletion whose text Ctrl-Y brings back; several in a row come back together. */
export function killing(editor: Editor, edit: (buffer: TextBuffer) => TextBuffer): Editor {
  const before = editor.buffer
  const after = edit(before)
  const count = before.text.length - after.text.length
  if (count === 0) return editor
  const cut = before.text.slice(after.cursor, after.cursor + count)
  const backwards = after.cursor < before.cursor
  const joined = editor.last === 'killed' ? (backwards ? cut + editor.killed : editor.killed + cut) : cut
  return { ...changed(editor, { buffer: after, chips: editor.chips }, 'killed'), killed: joined }
}

export function yanked(editor: Editor): Editor {
  const { buffer, killed, chips } = editor
  const { text, cursor } = buffer
  const next = { text: text.slice(0, cursor) + killed + text.slice(cursor), cursor: cursor + killed.length }
  return changed(editor, { buffer: next, chips }, 'other')
}

export function undo(editor: Editor): Editor {
  const before = editor.undone.at(-1)
  if (!before) return editor
  return { ...editor, ...before, undone: editor.undone.slice(0, -1), last: 'other', menu: undefined }
}

/** Undefined when it has no room for another chip. */
export function withChip(editor: Editor, chip: Chip): Editor | undefined {
  const added = addChip(draftOf(editor), editor.buffer.cursor, chip)
  if (!added) return undefined
  const { draft, cursor } = added
  return changed(editor, { buffer: { text: draft.text, cursor }, chips: draft.chips }, 'other')
}

/** Another message of `history` (oldest first), `step` -1 for an older one; unchanged where there is none. */
export function recall(editor: Editor, history: readonly string[], step: -1 | 1): Editor {
  const back = editor.recalled.back - step
  if (back < 0 || back > history.length) return editor
  const draft = editor.recalled.back === 0 ? { buffer: editor.buffer, chips: editor.chips } : editor.recalled.draft
  const shown: Snapshot =
    back === 0 ? (draft ?? { buffer: EMPTY, chips: [] }) : { buffer: bufferOf(history.at(-back) ?? ''), chips: [] }
  return { ...editor, ...shown, last: 'other', recalled: { back, draft }, menu: undefined }
}

/** The search with another query, or one match further back. */
export function searched(editor: Editor, history: readonly string[], query: string, nth: number): Editor {
  const matches = query === '' ? [] : history.toReversed().filter((text) => text.includes(query))
  const at = Math.min(nth, Math.max(0, matches.length - 1))
  return { ...editor, search: { query, nth: at, found: matches[at] }, menu: undefined }
}
