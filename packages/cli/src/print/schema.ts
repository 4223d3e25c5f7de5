import { readFile } from 'node:fs/promises'
import { EXIT } from '@caicaini/protocol'
import { CliError, usageError } from '../lib/cli-error.js'
import { codeBlocks } from '../lib/code-blocks.js'

/** Faults of an answer that are named; the rest is more of the same. */
const FAULTS_MAX = 5

/** A JSON Schema that an answer has to fit. */
export interface AnswerSchema {
  /** What the model is told beside the user's own instructions. */
  readonly instructions: string
  /** The answer's JSON, indented, with a newline; throws what does not fit (exit 1). */
  check(answer: string): string
}

/** Reads and compiles the schema before anything is sent; a usage error where it is none. */
export async function readSchema(path: string): Promise<AnswerSchema> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `--schema: cannot read ${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`
    )
  })
  const schema = parse(text)
  if (!isObject(schema?.value)) throw usageError(`--schema: ${path} is not a JSON Schema: it must be a JSON object`)
  const validate = await compile(schema.value, path)
  return {
    instructions: [
      'Answer with one JSON value alone: no text before or after it, no code fence.',
      `It must be valid against this JSON Schema:\n${JSON.stringify(schema.value)}`
    ].join('\n'),
    check(answer) {
      const found = jsonIn(answer)
      if (!found) throw new CliError(EXIT.other, `--schema: the answer is not JSON`)
      const faults = validate(found.value)
      if (faults.length === 0) return `${JSON.stringify(found.value, null, 2)}\n`
      throw new CliError(EXIT.other, `--schema: the answer does not fit ${path}:\n${faults.join('\n')}`)
    }
  }
}

/** Ajv takes longer to load than node itself: only who asks for a schema waits for it. */
async function compile(schema: Record<string, unknown>, path: string): Promise<(value: unknown) => string[]> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  // A schema may have keywords and formats of its own: they say nothing here.
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false, logger: false })
  // What older drafts say differently is read as 2020-12 reads it.
  const { $schema: _, ...rest } = schema
  try {
    const validate = ajv.compile(rest)
    return (value) => {
      if (validate(value)) return []
      const errors = validate.errors ?? []
      const told = errors.slice(0, FAULTS_MAX).map((each) => `  ${each.instancePath || '/'}: ${each.message}`)
      return errors.length > FAULTS_MAX ? [...told, `  and ${errors.length - FAULTS_MAX} more`] : told
    }
  } catch (error) {
    throw usageError(`--schema: ${path} is not a JSON Schema: ${(error as Error).message}`)
  }
}

/** The answer itself, or its only code block: models like to wrap what they were told not to. */
function jsonIn(answer: string): { value: unknown } | undefined {
  const whole = parse(answer)
  if (whole) return whole
  const [only, ...more] = codeBlocks(answer)
  return only !== undefined && more.length === 0 ? parse(only) : undefined
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
