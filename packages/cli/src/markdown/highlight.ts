/*
 * Code in colours. highlight.js and its languages take some 35 ms to load, so they come by themselves, the first time
 * that code with a language does; what is drawn before is in one colour.
 */
import type { MarkdownPiece } from './piece.js'
import type { Colour, Run } from './style.js'

/** Styled text of each line, or undefined where the language is unknown. Never throws. */
export type Highlighter = (code: string, language: string) => Run[][] | undefined

let loading: Promise<Highlighter> | undefined
let loaded: Highlighter | undefined

/** Loaded once; later calls get the same. */
export function loadHighlighter(): Promise<Highlighter> {
  loading ??= import('./languages.js').then(({ toMarkup }) => {
    loaded = (code, language) => {
      const markup = toMarkup(code, language)
      return markup === undefined ? undefined : linesOf(markup, code)
    }
    return loaded
  })
  return loading
}

/** The same where it is there by now. */
export function loadedHighlighter(): Highlighter | undefined {
  return loaded
}

/** Whether the highlighter would change how the piece is drawn: a reason to load it. */
export function wantsHighlighter({ block }: MarkdownPiece): boolean {
  return block.kind === 'code' && block.language !== ''
}

/** By the first part of a scope's name: https://highlightjs.readthedocs.io/en/latest/css-classes-reference.html */
const COLOURS: Record<string, Colour> = {
  keyword: 'keyword',
  literal: 'number',
  number: 'number',
  symbol: 'number',
  string: 'string',
  regexp: 'string',
  quote: 'comment',
  comment: 'comment',
  doctag: 'comment',
  meta: 'meta',
  title: 'name',
  section: 'heading',
  name: 'name',
  attr: 'name',
  attribute: 'name',
  property: 'name',
  built_in: 'type',
  type: 'type',
  variable: 'type',
  'template-variable': 'type',
  'selector-tag': 'keyword',
  'selector-class': 'name',
  'selector-id': 'name',
  addition: 'added',
  deletion: 'removed',
  bullet: 'keyword',
  code: 'code'
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" }
const PART = /<span class="([^"]*)">|<\/span>|&(?:amp|lt|gt|quot|#x27);|[^<&]+|[<&]/g

/** The highlighter's HTML as runs; undefined where its text is not the code's, which no code should make it. */
function linesOf(markup: string, code: string): Run[][] | undefined {
  const lines: Run[][] = [[]]
  const colours: (Colour | undefined)[] = []
  let text = ''
  for (const [part, classes] of markup.matchAll(PART)) {
    if (classes !== undefined) colours.push(colourOf(classes) ?? colours.at(-1))
    else if (part === '</span>') colours.pop()
    else {
      const shown = ENTITIES[part] ?? part
      text += shown
      addText(lines, shown, colours.at(-1))
    }
  }
  return text === code ? lines : undefined
}

function colourOf(classes: string): Colour | undefined {
  const name = /hljs-([a-z_-]+)/.exec(classes)?.[1] ?? ''
  return COLOURS[name]
}

function addText(lines: Run[][], text: string, colour: Colour | undefined): void {
  text.split('\n').forEach((line, index) => {
    if (index > 0) lines.push([])
    if (line !== '') lines.at(-1)?.push({ text: line, style: colour === undefined ? {} : { colour } })
  })
}
