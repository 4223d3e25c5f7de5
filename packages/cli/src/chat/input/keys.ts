import type { Key } from 'ink'
import { type Draft, isLargePaste } from './chips.js'
import * as state from './editor.js'
import * as edit from './text-buffer.js'

/** What a key press means beyond the input line. */
export type Effect =
  | { readonly type: 'none' }
  | { readonly type: 'submit'; readonly draft: Draft }
  /** The text changed: what could be completed is to be looked up. */
  | { readonly type: 'typed' }
  /** Tab before anything was offered. */
  | { readonly type: 'complete' }
  | { readonly type: 'accept'; readonly item: state.MenuItem; readonly menu: state.Menu; readonly submit: boolean }
  | { readonly type: 'stop' | 'interrupt' | 'leave' | 'take-back' | 'editor' | 'clipboard' }

export interface Pressed {
  readonly editor: state.Editor
  readonly effect: Effect
}

const NONE: Effect = { type: 'none' }
const TYPED: Effect = { type: 'typed' }

const CONTROL: Readonly<Record<string, (buffer: edit.TextBuffer) => edit.TextBuffer>> = {
  a: edit.lineStart,
  e: edit.lineEnd,
  b: edit.left,
  f: edit.right,
  h: edit.backspace,
  d: edit.deleteForward
}
const KILLS: Readonly<Record<string, (buffer: edit.TextBuffer) => edit.TextBuffer>> = {
  k: edit.deleteToLineEnd,
  u: edit.deleteToLineStart,
  w: edit.deleteWordBefore
}
const ALT: Readonly<Record<string, (buffer: edit.TextBuffer) => edit.TextBuffer>> = {
  b: edit.wordLeft,
  f: edit.wordRight,
  '<': edit.textStart
}
const EFFECTS: Readonly<Record<string, Exclude<Effect, { draft: Draft } | { item: unknown }>>> = {
  c: { type: 'interrupt' },
  g: { type: 'editor' },
  v: { type: 'clipboard' }
}

/** What `input` and `key` of ink do. `history`: earlier messages, oldest first. */
export function onKey(editor: state.Editor, input: string, key: Key, history: readonly string[]): Pressed {
  if (key.eventType === 'release') return { editor, effect: NONE }
  if (editor.search) return onSearchKey(editor, editor.search, { input, key, history })
  const inMenu = editor.menu && onMenuKey(editor, editor.menu, key)
  if (inMenu) return inMenu
  if (key.escape) return { editor, effect: { type: 'stop' } }
  if (key.return) return onEnter(editor, key.shift || key.meta)
  if (key.ctrl) return onControl(editor, input, { key, history })
  if (key.upArrow || key.downArrow) return onVertical(editor, key.upArrow ? -1 : 1, history)
  const change = changeOf(input, key)
  if (change) return { editor: change(editor), effect: TYPED }
  if (key.tab && !key.shift) return { editor, effect: { type: 'complete' } }
  if (key.meta || key.tab || input === '') return { editor, effect: NONE }
  return onText(editor, input)
}

/** A bracketed paste: what is long becomes a chip and is sent whole. */
export function onPaste(editor: state.Editor, text: string): state.Editor {
  const clean = text.replace(/\r\n?/g, '\n')
  const chipped = isLargePaste(clean) ? state.withChip(editor, { kind: 'paste', text: clean }) : undefined
  return chipped ?? state.typed({ ...editor, last: 'other' }, clean)
}

function onControl(
  editor: state.Editor,
  input: string,
  { key, history }: { key: Key; history: readonly string[] }
): Pressed {
  const effect = EFFECTS[input]
  if (effect) return { editor, effect }
  if (input === 'd' && editor.buffer.text === '') return { editor, effect: { type: 'leave' } }
  if (input === 'r') return { editor: state.searched(editor, history, '', 0), effect: NONE }
  if (input === 'p' || input === 'n') return onVertical(editor, input === 'p' ? -1 : 1, history)
  if (input === 'j') return { editor: state.edited(editor, (buffer) => edit.insert(buffer, '\n')), effect: TYPED }
  if (input === 'y') return { editor: state.yanked(editor), effect: TYPED }
  // A terminal sends 0x1f for Ctrl-_ and Ctrl-/.
  if (['z', '_', '/', '7', '-', '\u001f'].includes(input)) return { editor: state.undo(editor), effect: TYPED }
  const kill = KILLS[input]
  if (kill) return { editor: state.killing(editor, kill), effect: TYPED }
  const change = key.leftArrow ? edit.wordLeft : key.rightArrow ? edit.wordRight : CONTROL[input]
  return change ? { editor: state.edited(editor, change), effect: TYPED } : { editor, effect: NONE }
}

function changeOf(input: string, key: Key): ((editor: state.Editor) => state.Editor) | undefined {
  const by = (change: (buffer: edit.TextBuffer) => edit.TextBuffer) => (editor: state.Editor) =>
    state.edited(editor, change)
  if (key.leftArrow) return by(key.meta ? edit.wordLeft : edit.left)
  if (key.rightArrow) return by(key.meta ? edit.wordRight : edit.right)
  if (key.home) return by(edit.lineStart)
  if (key.end) return by(edit.lineEnd)
  const killing = (change: (buffer: edit.TextBuffer) => edit.TextBuffer) => (editor: state.Editor) =>
    state.killing(editor, change)
  if (key.backspace) return key.meta ? killing(edit.deleteWordLeft) : by(edit.backspace)
  if (key.delete) return key.meta ? killing(edit.deleteWordRight) : by(edit.deleteForward)
  if (input === '\u001f') return state.undo
  if (!key.meta) return undefined
  if (input === 'd') return killing(edit.deleteWordRight)
  const move = ALT[input]
  return move && by(move)
}

/** Within the text to the line above or below, at its edge to another message. */
function onVertical(editor: state.Editor, step: -1 | 1, history: readonly string[]): Pressed {
  const moved = step < 0 ? edit.up(editor.buffer) : edit.down(editor.buffer)
  if (moved) return { editor: state.edited(editor, () => moved), effect: NONE }
  if (step < 0 && editor.buffer.text === '' && editor.recalled.back === 0) {
    return { editor: state.recall(editor, history, -1), effect: { type: 'take-back' } }
  }
  return { editor: state.recall(editor, history, step), effect: NONE }
}

function onEnter(editor: state.Editor, newline: boolean): Pressed {
  if (newline) return { editor: state.edited(editor, (buffer) => edit.insert(buffer, '\n')), effect: TYPED }
  const continued = edit.continueLine(editor.buffer)
  if (continued) return { editor: state.edited(editor, () => continued), effect: TYPED }
  return { editor, effect: { type: 'submit', draft: state.draftOf(editor) } }
}

/**
 * Text may come in pieces of any size. A line typed fast arrives with its Enter; several lines at once
 * are a paste in a terminal that does not mark pastes, and wait for an Enter of their own.
 */
function onText(editor: state.Editor, input: string): Pressed {
  const line = /^([^\r\n]+)\r$/.exec(input)
  if (line) return onEnter(state.typed(editor, line[1] ?? ''), false)
  if (/[\r\n]/.test(input)) return { editor: onPaste(editor, input), effect: TYPED }
  return { editor: state.typed(editor, input), effect: TYPED }
}

function onMenuKey(editor: state.Editor, menu: state.Menu, key: Key): Pressed | undefined {
  const moveTo = (index: number): Pressed => ({
    editor: { ...editor, menu: { ...menu, index: (index + menu.items.length) % menu.items.length } },
    effect: NONE
  })
  if (key.upArrow) return moveTo(menu.index - 1)
  if (key.downArrow) return moveTo(menu.index + 1)
  if (key.escape) return { editor: { ...editor, menu: undefined }, effect: NONE }
  const item = menu.items[menu.index]
  if (!item || !(key.tab || (key.return && !key.shift && !key.meta))) return undefined
  return { editor: { ...editor, menu: undefined }, effect: { type: 'accept', item, menu, submit: key.return } }
}

function onSearchKey(
  editor: state.Editor,
  search: state.Search,
  { input, key, history }: { input: string; key: Key; history: readonly string[] }
): Pressed {
  const left = { ...editor, search: undefined }
  const taken = search.found === undefined ? left : state.withDraft(left, { text: search.found, chips: [] })
  if (key.ctrl && input === 'r') {
    return { editor: state.searched(editor, history, search.query, search.nth + 1), effect: NONE }
  }
  if (key.ctrl && (input === 'c' || input === 'g')) return { editor: left, effect: NONE }
  if (key.escape || key.tab || key.leftArrow || key.rightArrow || key.return) return { editor: taken, effect: NONE }
  if (key.backspace) {
    return { editor: state.searched(editor, history, [...search.query].slice(0, -1).join(''), 0), effect: NONE }
  }
  if (key.ctrl || key.meta || input === '') return { editor, effect: NONE }
  // A line typed fast arrives with its Enter.
  const typed = input.replace(/[\r\n]+$/, '')
  const next = state.searched(editor, history, search.query + typed, 0)
  if (typed === input) return { editor: next, effect: NONE }
  const found = next.search?.found
  const done = { ...next, search: undefined }
  return { editor: found === undefined ? done : state.withDraft(done, { text: found, chips: [] }), effect: NONE }
}
