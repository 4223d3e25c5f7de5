/*
 * What a person wrote, out of what agents put around it. Each character is looked at a fixed number of
 * times: the text is as long as a customer likes.
 */

/**
 * Blocks that agents put into a person's turn: they say nothing of what the person asked. Claude Code's
 * (reminders, what a local command printed), Codex' and Cline's (their environment and instructions).
 */
export const INJECTED_TAGS = [
  'system-reminder',
  'local-command-stdout',
  'local-command-stderr',
  'local-command-caveat',
  'command-name',
  'command-message',
  'command-args',
  'bash-stdout',
  'bash-stderr',
  'environment_context',
  'environment_details',
  'user_instructions',
  'INSTRUCTIONS',
  'tool_output',
  'function_results'
] as const

const ANY_INJECTED = new RegExp(`<(?:${INJECTED_TAGS.join('|')})>`)

/** The line that Codex puts before the text of an AGENTS.md, and the same of other agents' files. */
const INSTRUCTIONS_HEAD = /^# (?:AGENTS|CLAUDE|GEMINI)\.md(?: instructions)?(?: for [^\n]*)?$/gm

/** The text without injected blocks; one that is not closed stays, for nobody knows where it ends. */
export function stripInjected(text: string): string {
  if (!text.includes('<') && !text.includes('# ')) return text.trim()
  let rest = text.replace(INSTRUCTIONS_HEAD, '')
  if (!ANY_INJECTED.test(rest)) return rest.trim()
  for (const tag of INJECTED_TAGS) rest = withoutBlocks(rest, tag)
  return rest.trim()
}

function withoutBlocks(text: string, tag: string): string {
  const opening = `<${tag}>`
  const closing = `</${tag}>`
  const kept: string[] = []
  let at = 0
  for (;;) {
    const open = text.indexOf(opening, at)
    const close = open === -1 ? -1 : text.indexOf(closing, open)
    if (close === -1) break
    kept.push(text.slice(at, open))
    at = close + closing.length
  }
  if (at === 0) return text
  kept.push(text.slice(at))
  return kept.join('')
}

/** A person's own words apart from the material that they brought: fenced code, quotes, what was piped in. */
export interface Wording {
  readonly words: string
  readonly hasFence: boolean
  /** Characters of the material. */
  readonly materialChars: number
}

/** Of longer text the middle is material, whatever it is: nobody types so much, and every word is looked up. */
const WORDS_HEAD_CHARS = 6_000
const WORDS_TAIL_CHARS = 2_000

export function wordingOf(text: string): Wording {
  const unpiped = text.includes('<stdin>') ? withoutBlocks(text, 'stdin') : text
  const parts = unpiped.split('```')
  // An odd number of fences: the last one was never closed, and everything after it is inside.
  const outside = endsOf(parts.filter((_, i) => i % 2 === 0).join('\n'))
  const words = outside.replace(QUOTED_LINE, '').trim()
  return { words, hasFence: parts.length > 1, materialChars: text.length - words.length }
}

const QUOTED_LINE = /^> .*$/gm

/** The question stands before what it is about, or behind it. */
function endsOf(text: string): string {
  if (text.length <= WORDS_HEAD_CHARS + WORDS_TAIL_CHARS) return text
  return `${text.slice(0, WORDS_HEAD_CHARS)}\n${text.slice(-WORDS_TAIL_CHARS)}`
}
