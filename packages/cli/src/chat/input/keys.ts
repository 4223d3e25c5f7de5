import type { Key } from 'ink'
import * as edit from './text-buffer.js'

/** What a key press means to the chat. */
export type KeyEffect =
  | { readonly type: 'edit'; readonly buffer: edit.TextBuffer }
  | { readonly type: 'submit'; readonly text: string }
  | { readonly type: 'stop' | 'interrupt' | 'leave' | 'older' | 'newer' | 'none' }

const CONTROL: Readonly<Record<string, (buffer: edit.TextBuffer) => edit.TextBuffer>> = {
  a: edit.lineStart,
  e: edit.lineEnd,
  b: edit.left,
  f: edit.right,
  h: edit.backspace,
  d: edit.deleteForward,
  k: edit.deleteToLineEnd,
  u: edit.deleteToLineStart,
  w: edit.deleteWordBefore
}

export function onKey(buffer: edit.TextBuffer, input: string, key: Key): KeyEffect {
  if (key.escape) return { type: 'stop' }
  if (key.ctrl && input === 'c') return { type: 'interrupt' }
  if (key.ctrl && input === 'd' && buffer.text === '') return { type: 'leave' }
  if (key.return) return onEnter(buffer)
  if (key.ctrl && input === 'j') return { type: 'edit', buffer: edit.insert(buffer, '\n') }
  const change = changeOf(input, key)
  if (change) return { type: 'edit', buffer: change(buffer) }
  if (key.upArrow) return vertical(edit.up(buffer), 'older')
  if (key.downArrow) return vertical(edit.down(buffer), 'newer')
  if (key.ctrl || key.meta || input === '') return { type: 'none' }
  return onText(buffer, input)
}

function changeOf(input: string, key: Key): ((buffer: edit.TextBuffer) => edit.TextBuffer) | undefined {
  if (key.leftArrow) return edit.left
  if (key.rightArrow) return edit.right
  if (key.home) return edit.lineStart
  if (key.end) return edit.lineEnd
  if (key.backspace) return edit.backspace
  if (key.delete) return edit.deleteForward
  return key.ctrl ? CONTROL[input] : undefined
}

function vertical(moved: edit.TextBuffer | undefined, otherwise: 'older' | 'newer'): KeyEffect {
  return moved ? { type: 'edit', buffer: moved } : { type: otherwise }
}

function onEnter(buffer: edit.TextBuffer): KeyEffect {
  const continued = edit.continueLine(buffer)
  return continued ? { type: 'edit', buffer: continued } : { type: 'submit', text: buffer.text }
}

/**
 * Text may come in pieces of any size. A line typed fast arrives with its Enter; several lines at once
 * are a paste in a terminal that does not mark pastes, and wait for an Enter of their own.
 */
function onText(buffer: edit.TextBuffer, input: string): KeyEffect {
  const typed = /^([^\r\n]+)\r$/.exec(input)
  if (!typed) return { type: 'edit', buffer: edit.insert(buffer, input) }
  return onEnter(edit.insert(buffer, typed[1] ?? ''))
}
