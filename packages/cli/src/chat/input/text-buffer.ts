/** What is being typed: `cursor` counts UTF-16 units and lies between two graphemes. */
export interface TextBuffer {
  readonly text: string
  readonly cursor: number
}

export const EMPTY: TextBuffer = { text: '', cursor: 0 }

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export function bufferOf(text: string): TextBuffer {
  return { text, cursor: text.length }
}

/** Typed or pasted text; line ends become newlines, other control characters are dropped, tabs kept. */
export function insert(buffer: TextBuffer, typed: string): TextBuffer {
  const clean = typed
    .replace(/\r\n?/g, '\n')
    // Nor may it bring what chips are written as (chips.ts).
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is dropped
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufdd0-\ufdef]/g, '')
  return insertAsIs(buffer, clean)
}

/** The same for what is known to be clean. */
export function insertAsIs({ text, cursor }: TextBuffer, clean: string): TextBuffer {
  return { text: text.slice(0, cursor) + clean + text.slice(cursor), cursor: cursor + clean.length }
}

export function left({ text, cursor }: TextBuffer): TextBuffer {
  return { text, cursor: previous(text, cursor) }
}

export function right({ text, cursor }: TextBuffer): TextBuffer {
  return { text, cursor: next(text, cursor) }
}

export function lineStart({ text, cursor }: TextBuffer): TextBuffer {
  return { text, cursor: text.lastIndexOf('\n', cursor - 1) + 1 }
}

export function lineEnd({ text, cursor }: TextBuffer): TextBuffer {
  const end = text.indexOf('\n', cursor)
  return { text, cursor: end < 0 ? text.length : end }
}

export function backspace({ text, cursor }: TextBuffer): TextBuffer {
  return cut(text, previous(text, cursor), cursor)
}

export function deleteForward({ text, cursor }: TextBuffer): TextBuffer {
  return cut(text, cursor, next(text, cursor))
}

export function deleteToLineStart(buffer: TextBuffer): TextBuffer {
  return cut(buffer.text, lineStart(buffer).cursor, buffer.cursor)
}

export function deleteToLineEnd(buffer: TextBuffer): TextBuffer {
  return cut(buffer.text, buffer.cursor, lineEnd(buffer).cursor)
}

/** Back over one run of characters without spaces, as Ctrl-W does in a shell. */
export function deleteWordBefore({ text, cursor }: TextBuffer): TextBuffer {
  const kept = text.slice(0, cursor).replace(/\S+\s*$|\s+$/, '')
  return cut(text, kept.length, cursor)
}

/** To the beginning of a word; punctuation parts words, as Alt-B has it in a shell. */
export function wordLeft({ text, cursor }: TextBuffer): TextBuffer {
  return { text, cursor: text.slice(0, cursor).replace(/[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u, '').length }
}

/** To the end of a word. */
export function wordRight({ text, cursor }: TextBuffer): TextBuffer {
  return {
    text,
    cursor: text.length - text.slice(cursor).replace(/^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u, '').length
  }
}

export function deleteWordLeft(buffer: TextBuffer): TextBuffer {
  return cut(buffer.text, wordLeft(buffer).cursor, buffer.cursor)
}

export function deleteWordRight(buffer: TextBuffer): TextBuffer {
  return cut(buffer.text, buffer.cursor, wordRight(buffer).cursor)
}

export function textStart({ text }: TextBuffer): TextBuffer {
  return { text, cursor: 0 }
}

/** Everything from `from` to `to` gives way to `instead`, which is clean. */
export function replaceRange({ text }: TextBuffer, from: number, to: number, instead: string): TextBuffer {
  return insertAsIs(cut(text, from, to), instead)
}

/** The line above, at the same count of graphemes; undefined on the first line. */
export function up(buffer: TextBuffer): TextBuffer | undefined {
  const start = lineStart(buffer).cursor
  if (start === 0) return undefined
  const above = lineStart({ text: buffer.text, cursor: start - 1 }).cursor
  return advance(buffer.text, above, count(buffer.text.slice(start, buffer.cursor)))
}

/** The line below; undefined on the last line. */
export function down(buffer: TextBuffer): TextBuffer | undefined {
  const end = lineEnd(buffer).cursor
  if (end === buffer.text.length) return undefined
  const start = lineStart(buffer).cursor
  return advance(buffer.text, end + 1, count(buffer.text.slice(start, buffer.cursor)))
}

/** Enter after a backslash means a new line: the buffer with it, or undefined when Enter is to send. */
export function continueLine({ text, cursor }: TextBuffer): TextBuffer | undefined {
  if (text[cursor - 1] !== '\\') return undefined
  return { text: `${text.slice(0, cursor - 1)}\n${text.slice(cursor)}`, cursor }
}

function cut(text: string, from: number, to: number): TextBuffer {
  return { text: text.slice(0, from) + text.slice(to), cursor: from }
}

function previous(text: string, cursor: number): number {
  let start = 0
  for (const { index } of graphemes.segment(text.slice(0, cursor))) start = index
  return start
}

function next(text: string, cursor: number): number {
  const [first] = graphemes.segment(text.slice(cursor))
  return cursor + (first?.segment.length ?? 0)
}

function count(text: string): number {
  return [...graphemes.segment(text)].length
}

function advance(text: string, start: number, steps: number): TextBuffer {
  let cursor = start
  for (let step = 0; step < steps && text[cursor] !== '\n'; step++) cursor = next(text, cursor)
  return { text, cursor }
}
