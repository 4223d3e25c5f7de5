/* How text looks, and the sequences for it. */
import { neutralise } from '../lib/sanitize.js'

export interface TextStyle {
  readonly bold?: boolean
  readonly italic?: boolean
  readonly strike?: boolean
  readonly dim?: boolean
  readonly underline?: boolean
  readonly colour?: Colour
  /** Where it leads: an address that `linkTarget` allowed. */
  readonly link?: string
}

export type Colour =
  | 'heading'
  | 'code'
  | 'keyword'
  | 'string'
  | 'number'
  | 'comment'
  | 'name'
  | 'type'
  | 'meta'
  | 'added'
  | 'removed'

/** Text in one style. */
export interface Run {
  readonly text: string
  readonly style: TextStyle
  /** Where its first character is in the paragraph's source; undefined where no row may be cut off before it. */
  readonly at?: number
  /** Whether each character is one of the source's, so that the others' places are known too. */
  readonly exact?: boolean
}

export type Shades = 'none' | 'dark' | 'light'

/** SGR parameters of the sixteen colours that every theme sets; light ones are hard to read on white. */
const PALETTES: Record<'dark' | 'light', Record<Colour, number>> = {
  dark: {
    heading: 94,
    code: 36,
    keyword: 95,
    string: 32,
    number: 33,
    comment: 90,
    name: 94,
    type: 36,
    meta: 90,
    added: 32,
    removed: 31
  },
  light: {
    heading: 34,
    code: 36,
    keyword: 35,
    string: 32,
    number: 31,
    comment: 90,
    name: 34,
    type: 36,
    meta: 90,
    added: 32,
    removed: 31
  }
}

function sgrOf(style: TextStyle, shades: 'dark' | 'light'): string {
  const codes: number[] = []
  if (style.bold) codes.push(1)
  if (style.dim) codes.push(2)
  if (style.italic) codes.push(3)
  if (style.underline) codes.push(4)
  if (style.strike) codes.push(9)
  if (style.colour) codes.push(PALETTES[shades][style.colour])
  return codes.length === 0 ? '' : `\u001b[${codes.join(';')}m`
}

/** A row with its sequences, each closed where its text ends; no trailing spaces. */
export function toRow(runs: readonly Run[], shades: Shades): string {
  let row = ''
  for (const { text, style } of trimEnd(runs)) {
    const sgr = shades === 'none' ? '' : sgrOf(style, shades)
    // The last gate before the terminal, whatever a library made of the text on its way.
    const safe = neutralise(text)
    const shown = sgr === '' ? safe : `${sgr}${safe}\u001b[0m`
    // OSC 8: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
    row += style.link === undefined ? shown : `\u001b]8;;${style.link}\u001b\\${shown}\u001b]8;;\u001b\\`
  }
  return row
}

function trimEnd(runs: readonly Run[]): readonly Run[] {
  const last = runs.at(-1)
  if (!last || !/[ \t]$/.test(last.text)) return runs
  const text = last.text.trimEnd()
  return text === '' ? trimEnd(runs.slice(0, -1)) : [...runs.slice(0, -1), { ...last, text }]
}
