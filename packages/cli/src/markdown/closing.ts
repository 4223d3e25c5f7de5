/* What an unfinished text would be if it ended well: so that `**bo` is bold already, and no address flashes by. */
import { lexInline, settledLength } from './inline.js'

/** The text with its first open mark closed, for showing it until more comes. */
export function closedForNow(text: string): string {
  const settled = settledLength(text, lexInline(text))
  if (settled === text.length) return text
  const open = text.slice(settled)
  const link = /^\[([^[\]\n]*)(?:\](?:\([^()\s]*)?)?$/.exec(open)
  if (link) return text.slice(0, settled) + (link[1] ?? '')
  const mark = /^(?:\*{1,3}|_{1,3}|~~|`+)/.exec(open)?.[0]
  if (mark === undefined) return text
  const content = open.slice(mark.length)
  // A mark that nothing follows yet is held back; one that more marks follow may be anything.
  if (content.trim() === '') return text.slice(0, settled)
  const closed = mark[0] === '`' ? content : content.replace(/[*_~\s]+$/, '')
  return text.slice(0, settled) + mark + closed + mark
}
