/*
 * What stands within a line: emphasis, code, links. The syntax is marked's, with two additions that answers need:
 * mathematics stays as it is written, and `**字**` is strong beside any character (CommonMark wants a space or a
 * punctuation mark there, which Chinese and Japanese do not write). References are never resolved: the definition may
 * come after the text was printed, so both are shown as written and nothing is lost.
 */
import { Lexer, Marked, type Token } from 'marked'
import { decodedText, decodeEntities } from './entities.js'
import type { Run, TextStyle } from './style.js'

export interface InlineLook {
  /** Whether links may be OSC 8; otherwise their addresses are shown. */
  readonly links: boolean
  /** Whether marks such as `**` are shown, since nothing else would tell of them. */
  readonly marks: boolean
}

const MATH =
  /^(?:\$\$[^$]{1,1000}\$\$|\$(?![\s$])[^$\n]{0,199}[^$\s]\$(?![\d$])|\\\([^\n]{1,1000}?\\\)|\\\[[^\n]{1,1000}?\\\])/
const STRONG = /^\*\*(?=[^\s*])([^*\n]{0,1000}[^\s*])\*\*(?!\*)/

const marked = new Marked({
  extensions: [
    {
      name: 'math',
      level: 'inline',
      start: (text) => indexOrNone(text.search(/\$|\\[([]/)),
      tokenizer(text) {
        const raw = /^[$\\]/.test(text) ? MATH.exec(text)?.[0] : undefined
        return raw === undefined ? undefined : { type: 'math', raw }
      }
    },
    {
      name: 'strong',
      level: 'inline',
      start: (text) => indexOrNone(text.indexOf('**')),
      tokenizer(text) {
        const [raw, content] = (text.startsWith('**') && STRONG.exec(text)) || []
        if (raw === undefined || content === undefined) return undefined
        return { type: 'strong', raw, tokens: this.lexer.inlineTokens(content) }
      }
    }
  ]
})

function indexOrNone(index: number): number | undefined {
  return index < 0 ? undefined : index
}

export function lexInline(text: string): readonly Token[] {
  try {
    return Lexer.lexInline(text, marked.defaults)
  } catch {
    // Only absurd nesting gets here, by the stack's end: it is shown as it is.
    return [{ type: 'text', raw: text, text }]
  }
}

/** The text in styles. Runs of plain text know where they are in it. */
export function inlineRuns(text: string, style: TextStyle, look: InlineLook): Run[] {
  return runsOf(lexInline(text), { style, look, at: 0 })
}

interface Context {
  readonly style: TextStyle
  readonly look: InlineLook
  /** Where the tokens are in the source; undefined within emphasis, where no row may be cut off. */
  readonly at: number | undefined
}

function runsOf(tokens: readonly Token[], { style, look, at }: Context): Run[] {
  const runs: Run[] = []
  let offset = at
  for (const token of tokens) {
    const [first, ...rest] = runsOfToken(token, { style, look, at: offset })
    if (offset === undefined) {
      if (first) runs.push(first, ...rest)
      continue
    }
    if (first) runs.push({ at: offset, ...first }, ...rest)
    offset += token.raw.length
  }
  return runs
}

function runsOfToken(token: Token, context: Context): Run[] {
  const { style, look } = context
  const inside = { style, look, at: undefined }
  switch (token.type) {
    case 'strong':
      return withMarks('**', runsOf(token.tokens ?? [], { ...inside, style: { ...style, bold: true } }), context)
    case 'em':
      return withMarks('*', runsOf(token.tokens ?? [], { ...inside, style: { ...style, italic: true } }), context)
    case 'del':
      return withMarks('~~', runsOf(token.tokens ?? [], { ...inside, style: { ...style, strike: true } }), context)
    case 'codespan':
      return look.marks ? [{ text: token.raw, style }] : [{ text: token.text, style: { ...style, colour: 'code' } }]
    case 'br':
      return [{ text: '\n', style }]
    case 'escape':
      return [{ text: token.text, style }]
    case 'link':
      return linkRuns(token.raw, token.href, runsOf(token.tokens ?? [], inside), context)
    case 'image':
      return imageRuns(decodedText(token.text), token.href, context)
    case 'html':
      return [{ text: /^<br\s*\/?>$/i.test(token.raw) ? '\n' : token.raw, style }]
    case 'text':
      // Not `token.text`, where marked has put characters for some entities, escape characters among them.
      return textRuns(token.raw, context)
    default:
      return [{ text: token.raw, style }]
  }
}

function withMarks(mark: string, runs: Run[], { style, look }: Context): Run[] {
  return look.marks ? [{ text: mark, style }, ...runs, { text: mark, style }] : runs
}

function textRuns(text: string, { style, at }: Context): Run[] {
  return decodeEntities(text).map((part) =>
    at === undefined || part.at === undefined
      ? { text: part.text, style }
      : { text: part.text, style, at: at + part.at, exact: true }
  )
}

/** Where the characters of an address that was found in running text end: Chinese goes on without a space. */
const ADDRESS_END = /[\u3000-\u9fff\uac00-\ud7af\uff00-\uffef“”‘’…]/

function linkRuns(raw: string, href: string, shown: Run[], { style, look }: Context): Run[] {
  if (/^(?:https?:|www\.)/i.test(raw)) {
    const end = raw.search(ADDRESS_END)
    const address = end < 0 ? raw : raw.slice(0, end)
    const rest = end < 0 ? [] : [{ text: raw.slice(end), style }]
    return [
      { text: address, style: linked(style, /^www/i.test(address) ? `http://${address}` : address, look) },
      ...rest
    ]
  }
  const address = decodedText(href)
  const text = shown.map((run) => run.text).join('')
  const target = look.links ? linkTarget(address) : undefined
  const runs = shown.map((run) => ({ ...run, style: linked(run.style, address, look) }))
  const same = text === address || `mailto:${text}` === address
  // A text that looks like another address would hide where the link leads.
  if (same || (target !== undefined && !/^\s*(?:https?:|www\.)/i.test(text))) return runs
  return [...runs, { text: text === '' ? address : ` (${address})`, style }]
}

function imageRuns(alternative: string, href: string, { style, look }: Context): Run[] {
  const address = decodedText(href)
  const text = alternative === '' ? 'image' : alternative
  return [
    { text, style: linked(style, address, look) },
    { text: ` (${address})`, style }
  ]
}

function linked(style: TextStyle, address: string, { links }: InlineLook): TextStyle {
  const link = links ? linkTarget(address) : undefined
  return { ...style, underline: true, ...(link === undefined ? {} : { link }) }
}

/** The address as OSC 8 may carry it: of a known scheme, in printable ASCII; undefined for any other. */
export function linkTarget(address: string): string | undefined {
  if (!/^(?:https?:\/\/|mailto:)/i.test(address) || address.length > 2_000 || !URL.canParse(address)) return undefined
  const { href } = new URL(address)
  return /^[\x21-\x7e]+$/.test(href) ? href : undefined
}

/** Marks that what follows may close: up to here a text's look is final. */
const OPEN_MARK =
  /\*(?!\s)|(?<![\p{L}\p{N}])_(?!\s)|~(?!\s)|`|<(?=[A-Za-z/!?])|\[(?![^[\]\n]*\](?![(\n]|$))|\\?\$(?=[^\n]{0,200}$)|\\[([]/u

/** How much of the text looks the same whatever follows it. */
export function settledLength(text: string, tokens: readonly Token[]): number {
  let offset = 0
  for (const token of tokens) {
    const open = token.type === 'text' ? token.raw.search(OPEN_MARK) : holdsOpenMark(token) ? 0 : -1
    if (open >= 0) return offset + open
    offset += token.raw.length
  }
  return Math.min(offset, text.length)
}

function holdsOpenMark(token: Token): boolean {
  if (token.type === 'text') return OPEN_MARK.test(token.raw)
  return 'tokens' in token && (token.tokens ?? []).some(holdsOpenMark)
}
