import type { Highlighter } from '../../markdown/highlight.js'
import type { MarkdownLook } from '../../markdown/render.js'
import type { Colours } from '../state/theme.js'

/** How things are drawn now. */
export interface Look {
  readonly columns: number
  readonly colours: Colours
  readonly links: boolean
  /** Once it is loaded. */
  readonly highlight: Highlighter | undefined
}

export function markdownLookOf({ columns, colours, links, highlight }: Look): MarkdownLook {
  return { columns, colour: colours, links, plain: false, ...(highlight && { highlight }) }
}
