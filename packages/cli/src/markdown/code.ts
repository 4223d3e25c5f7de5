/* Code as it is in the source: no box, no numbers, no folding, tabs as tabs; a copy of its rows is the code. */
import type { MarkdownLook } from './look.js'
import type { CodeBlock } from './piece.js'
import type { Run } from './style.js'

/** Longer lines are data, which colours do not help. */
const HIGHLIGHT_LINE_MAX = 1_000

export function codeLines(block: CodeBlock, look: MarkdownLook): Run[][] {
  const { lines, opens, closes, language, fenced } = block
  const shown = highlighted(block, look) ?? lines.map((line) => plainLine(line, look))
  if (look.plain) {
    const name = language === '' ? 'Code:' : `Code, ${language}:`
    return [...row(opens === undefined ? undefined : name), ...shown, ...row(closes && 'End of code.')]
  }
  if (look.colour !== 'none') return shown
  // Without colours only the source's own marks tell code from text.
  if (!fenced) return shown.map((line) => [{ text: '    ', style: {} }, ...line])
  return [...row(opens), ...shown, ...row(closes)]
}

function row(text: string | undefined): Run[][] {
  return text === undefined ? [] : [[{ text, style: {} }]]
}

function plainLine(text: string, { colour }: MarkdownLook): Run[] {
  return [{ text, style: colour === 'none' ? {} : { colour: 'code' } }]
}

function highlighted({ language, context, lines }: CodeBlock, look: MarkdownLook): Run[][] | undefined {
  if (look.colour === 'none' || language === '' || lines.length === 0) return undefined
  const all = [...context, ...lines]
  if (all.some((line) => line.length > HIGHLIGHT_LINE_MAX)) return undefined
  return look.highlight?.(all.join('\n'), language)?.slice(context.length)
}
