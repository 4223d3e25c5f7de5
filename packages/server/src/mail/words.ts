/** What a mail says, before it is set as text and as HTML. Plain text throughout: whoever sets it escapes it. */
export interface Words {
  readonly subject: string
  /** Paragraphs. */
  readonly lines: readonly string[]
  /** What is known of the matter: a name, and what it is. */
  readonly facts?: readonly (readonly [string, string])[]
  /** What the reader may do: a path of this server. */
  readonly action?: { readonly label: string; readonly path: string }
  /** What comes after it, such as what to do if it was somebody else. */
  readonly after?: readonly string[]
  /** Ends "You get this because …". */
  readonly why: string
}

/** `2026-11-21 17:30 UTC` */
export function minuteOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `2026-11-21` */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

const FOREIGN_CHARS_MAX = 120

/** A text that somebody else chose, such as a browser's name of itself: one line, and no long one. */
export function foreign(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim()
  return line.length > FOREIGN_CHARS_MAX ? `${line.slice(0, FOREIGN_CHARS_MAX)}…` : line
}
