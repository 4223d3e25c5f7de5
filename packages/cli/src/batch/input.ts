import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DEFAULT_MAX_TOKENS, type Question, type Turn, toBody } from '../lib/answer.js'
import { parseJson } from '../lib/api-errors.js'
import { usageError } from '../lib/cli-error.js'

/** What lines without a word of their own get. */
export interface Defaults {
  readonly model: string
  readonly system: string | undefined
  readonly maxTokens: number | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** One line of the input. */
export interface Job {
  /** From 1, as editors count. */
  readonly line: number
  readonly id: string | number | null
  readonly question: Question
  /** Of what is asked: the same question has its answer already, wherever its line stands now. */
  readonly key: string
}

const FIELDS = ['id', 'prompt', 'messages', 'model', 'system', 'max_tokens']

/** Every line of a JSONL file as a question; a usage error that names the line before anything is sent. */
export async function readJobs(path: string, defaults: Defaults): Promise<Job[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(error.code === 'ENOENT' ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`)
  })
  const seen = new Map<string, number>()
  const jobs = text.split('\n').flatMap((source, index) => {
    if (source.trim() === '') return []
    const line = index + 1
    const { id, question } = toQuestion(source, { where: `${path}:${line}`, defaults })
    const hash = createHash('sha256')
      .update(JSON.stringify(toBody(question)))
      .digest('hex')
      .slice(0, 16)
    // Who asks the same twice gets two answers.
    const nth = (seen.get(hash) ?? 0) + 1
    seen.set(hash, nth)
    return [{ line, id, question, key: nth === 1 ? hash : `${hash}-${nth}` }]
  })
  if (jobs.length === 0) throw usageError(`${path} has no lines`)
  return jobs
}

function toQuestion(
  source: string,
  { where, defaults }: { where: string; defaults: Defaults }
): { id: Job['id']; question: Question } {
  const value = parseJson(source)
  const fields = typeof value === 'string' ? { prompt: value } : value
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw usageError(`${where}: must be a JSON text or an object such as {"prompt": "say hello"}`)
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) throw usageError(`${where}: "${unknown}" is no field: there are ${FIELDS.join(', ')}`)
  const { id, prompt, messages, model, system, max_tokens } = fields as Record<string, unknown>
  const question = {
    model: textOr(model, defaults.model, `${where}: model`),
    system: textOr(system, defaults.system, `${where}: system`),
    maxTokens: max_tokens === undefined ? (defaults.maxTokens ?? DEFAULT_MAX_TOKENS) : countOf(max_tokens, where),
    messages: turnsOf({ prompt, messages }, where),
    headers: defaults.headers
  }
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number')
    throw usageError(`${where}: id must be a text or a number`)
  return { id: id ?? null, question }
}

function textOr<T extends string | undefined>(value: unknown, fallback: T, where: string): string | T {
  if (value === undefined) return fallback
  if (typeof value === 'string' && value.trim()) return value
  throw usageError(`${where} must be a text`)
}

function countOf(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw usageError(`${where}: max_tokens must be a whole number above 0`)
}

function turnsOf({ prompt, messages }: { prompt: unknown; messages: unknown }, where: string): readonly Turn[] {
  if (typeof prompt === 'string' && prompt.trim() && messages === undefined) return [{ role: 'user', content: prompt }]
  // What is in them the server reads, and names.
  if (Array.isArray(messages) && messages.length > 0 && prompt === undefined) return messages as Turn[]
  throw usageError(`${where}: needs a "prompt" or "messages", and not both`)
}
