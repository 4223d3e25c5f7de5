import { neutralise } from '../lib/sanitize.js'

/** The names that answers use; others stay as they are written. */
const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  times: '×',
  divide: '÷',
  deg: '°',
  plusmn: '±',
  le: '≤',
  ge: '≥',
  ne: '≠',
  larr: '←',
  uarr: '↑',
  rarr: '→',
  darr: '↓',
  euro: '€',
  yen: '¥',
  check: '✓'
}
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g

/** The text's parts, each with where it begins in it; what an entity named is neutralised: `&#27;` is no escape. */
export function decodeEntities(text: string): { text: string; at: number | undefined }[] {
  if (!text.includes('&')) return [{ text, at: 0 }]
  const parts: { text: string; at: number | undefined }[] = []
  let end = 0
  for (const match of text.matchAll(ENTITY)) {
    const decoded = decode(match[1], match[2], match[3])
    if (decoded === undefined) continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index), at: end })
    parts.push({ text: neutralise(decoded).replace(/[\n\t]/g, ' '), at: undefined })
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ text: text.slice(end), at: end })
  return parts
}

export function decodedText(text: string): string {
  return decodeEntities(text)
    .map((part) => part.text)
    .join('')
}

function decode(decimal?: string, hexadecimal?: string, name?: string): string | undefined {
  if (name !== undefined) return NAMED[name]
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
  const valid = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return valid ? String.fromCodePoint(code) : '\ufffd'
}
