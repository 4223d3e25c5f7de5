/** An opening fence (CommonMark 0.31, 4.5): three or more of one mark; the info of a backtick fence has no backtick. */
const OPENING = /^( *)(`{3,}(?=[^`]*$)|~{3,})/
/** How far a fence may be indented more than what holds it, such as an item of a list. */
const INDENT_MAX = 12

/** The fenced code blocks of an answer, in order, each with a newline at its end, without what a list indents it by. */
export function codeBlocks(markdown: string): string[] {
  const blocks: string[] = []
  let open: { readonly indent: number; readonly closes: RegExp; readonly lines: string[] } | undefined
  const close = () => {
    if (open) blocks.push(open.lines.map((line) => `${line}\n`).join(''))
    open = undefined
  }
  for (const line of markdown.replaceAll('\r\n', '\n').split('\n')) {
    if (open) {
      if (open.closes.test(line)) close()
      else open.lines.push(withoutIndent(line, open.indent))
      continue
    }
    const [, spaces = '', fence = ''] = OPENING.exec(line) ?? []
    if (fence === '' || spaces.length > INDENT_MAX) continue
    open = { indent: spaces.length, closes: new RegExp(`^ *\\${fence[0]}{${fence.length},} *$`), lines: [] }
  }
  // An answer that was cut off in its block has it to where it came.
  if (open?.lines.at(-1) === '') open.lines.pop()
  close()
  return blocks
}

function withoutIndent(line: string, indent: number): string {
  const spaces = /^ */.exec(line)?.[0].length ?? 0
  return line.slice(Math.min(spaces, indent))
}
