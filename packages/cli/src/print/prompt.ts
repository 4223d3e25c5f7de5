import type { Content, ContentBlock } from '../lib/answer.js'
import { usageError } from '../lib/cli-error.js'
import type { Clock } from '../lib/clock.js'
import type { Io } from '../lib/io.js'
import { REQUEST_BYTES_MAX, REQUEST_SIZE_MAX } from './request-size.js'

const SILENCE_MS = 3_000

export interface PromptOptions {
  readonly words: readonly string[]
  /** False for --no-stdin. */
  readonly stdin: boolean
  /** -f, each. */
  readonly file?: readonly string[] | undefined
  /** The text of --template. */
  readonly template?: string | undefined
}

/** What is asked: files first, then the words, what is piped in, or both, in the template's place for them. */
export async function readQuestion(options: PromptOptions, deps: { io: Io; clock: Clock }): Promise<Content> {
  const files = await readFiles(options.file ?? [])
  const prompt = await readPrompt(options, deps)
  return files.length === 0 ? prompt : [...files, { type: 'text', text: prompt }]
}

/** The prompt words, what is piped in, or both: the words first, then the rest as a `<stdin>` block. */
export async function readPrompt(
  { words, stdin, template }: PromptOptions,
  { io, clock }: { io: Io; clock: Clock }
): Promise<string> {
  const asked = words.length === 1 && words[0] === '-' ? '' : words.join(' ')
  const dash = asked === '' && words.length > 0
  const reads = dash || (stdin && !io.stdinIsTty)
  const onSilence = () => io.err('caicaini: waiting for text on stdin until its end (--no-stdin skips it)\n')
  const onTooMuch = () => usageError(`stdin has more than ${REQUEST_SIZE_MAX}, the most that a request may have`)
  const piped = reads
    ? await io.readStdin({ clock, silenceMs: SILENCE_MS, onSilence, bytesMax: REQUEST_BYTES_MAX, onTooMuch })
    : ''
  const both = asked.trim() && piped.trim()
  const input = both ? `${asked}\n\n<stdin>\n${piped.replace(/\n$/, '')}\n</stdin>` : asked.trim() ? asked : piped
  if (template !== undefined) return fill(template, input)
  if (input.trim()) return input
  throw usageError(
    reads
      ? 'nothing to ask: stdin was empty; add a prompt, as in caicaini "say hello"'
      : 'nothing to ask: add a prompt, as in caicaini "say hello", or pipe one in'
  )
}

/** The template with `{{input}}` replaced; one without it stands before the input. */
function fill(template: string, input: string): string {
  const place = /\{\{\s*input\s*\}\}/g
  if (!place.test(template)) return input.trim() ? `${template.trimEnd()}\n\n${input}` : template
  if (input.trim()) return template.replace(place, () => input.replace(/\n$/, ''))
  throw usageError('--template: it has a place for {{input}}: add words, or pipe a text in')
}

async function readFiles(paths: readonly string[]): Promise<ContentBlock[]> {
  if (paths.length === 0) return []
  const { blockOf, readAttachment } = await import('../lib/attach.js')
  return Promise.all(paths.map(async (path) => blockOf(await readAttachment(path))))
}
