import { readFile } from 'node:fs/promises'
import { EXIT } from '@caicaini/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { openAnswers } from '../batch/answers.js'
import { readJobs } from '../batch/input.js'
import { type Counts, createProgress } from '../batch/progress.js'
import { type Work, work } from '../batch/work.js'
import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { CliError, interrupted, usageError } from '../lib/cli-error.js'
import { contentTokens, estimateCredits, priceOf } from '../lib/estimate.js'
import { labelHeaders } from '../lib/git-label.js'
import { counted, creditsPhrase } from '../lib/money-text.js'
import { parseCreditsOption, parsePositiveInteger } from '../lib/option-values.js'
import { requireWritable } from '../lib/out-file.js'
import { explainCredits } from '../lib/out-of-credits.js'

export interface Options {
  readonly output: string
  readonly jobs: number
  readonly model?: string
  readonly system?: string
  readonly systemFile?: string
  readonly maxTokens?: number
  readonly maxCredits?: number
  readonly quiet?: boolean
}

const AT_ONCE_MAX = 64

export function define(command: Command, context: () => Context): void {
  command
    .argument('<file>', 'a JSONL file: on each line a text, or {"prompt", "id", "model", "system", "max_tokens"}')
    .requiredOption('-o, --output <file>', 'the answers, one JSON object a line, in the order of the questions')
    .option('-j, --jobs <n>', 'how many at once', parseJobs, 4)
    .option('-m, --model <name>', 'for lines that name none')
    .addOption(new Option('--system <text>', 'instructions for lines that have none').conflicts('systemFile'))
    .option('--system-file <path>', 'the same from a file')
    .option('--max-tokens <n>', 'the longest answer', parsePositiveInteger)
    .option('--max-credits <n>', 'begin no line that would bring the sum above this', parseCreditsOption)
    .option('-q, --quiet', 'no progress and no sum')
    .addHelpText(
      'after',
      '\nExamples:\n  caicaini batch questions.jsonl -o answers.jsonl -m haiku -j 8\n' +
        "  jq -c '{id, prompt: .text}' rows.jsonl > q.jsonl && caicaini batch q.jsonl -o a.jsonl\n\n" +
        'The same command again goes on where it stopped.'
    )
    .action((file: string, options: Options) => run(file, options, context()))
}

/** Asks every line of a file that has no answer yet. Exit 1 where some failed, else as what stopped it. */
export async function run(file: string, options: Options, context: Context): Promise<void> {
  const { io } = context
  const jobs = await readJobs(file, {
    model: options.model ?? context.config().get('model').value,
    system: options.systemFile === undefined ? options.system : await readSystem(options.systemFile),
    maxTokens: options.maxTokens,
    headers: labelHeaders(context.config(), context.cwd)
  })
  await requireWritable(options.output)
  const api = await context.api()
  const answers = openAnswers(options.output, jobs)
  const before = answers.known.size
  const counts: Counts = { total: jobs.length, before, answered: 0, failed: 0, credits: 0, balance: undefined }
  const progress = createProgress(counts, { io, quiet: options.quiet ?? false })
  const admit = options.maxCredits === undefined ? () => () => {} : await limitTo(options.maxCredits, counts, api)
  const stop = new AbortController()
  const unwatch = context.onSignal(['SIGINT', 'SIGTERM'], () => {
    io.err('\ncaicaini: what is under way comes to its end (again: at once)\n')
    stop.abort(interrupted())
  })
  progress.show()
  try {
    const batch = { jobs, answers, counts, atOnce: options.jobs, admit, onChange: progress.show, stop: stop.signal }
    const ended = await work(batch, { api, context })
    await answers.finish(jobs)
    progress.end()
    const left = jobs.length - before - counts.answered
    if (ended !== undefined) throw await stopped(ended, { left, api, context })
    if (counts.failed > 0)
      throw new CliError(EXIT.other, `${counted(counts.failed, 'line')} failed: see "error" in ${options.output}`)
  } finally {
    unwatch()
  }
}

async function stopped(
  ended: unknown,
  { left, api, context }: { left: number; api: ApiClient; context: Context }
): Promise<unknown> {
  // Our own limit is not the balance's.
  const isOurs = ended instanceof CliError && ended.code === undefined
  const told = isOurs ? ended : await explainCredits(ended, { api, local: context.target().kind === 'local' })
  if (!(told instanceof CliError)) return told
  const goesOn = `${counted(left, 'line')} without an answer; the same command goes on with them`
  if (told.exit === EXIT.interrupted) context.io.err(`caicaini: ${goesOn}\n`)
  return new CliError(told.exit, `${told.message}\n${goesOn}`, { code: told.code, requestId: told.requestId })
}

/** Guards the sum by what each line is likely to cost; lines under way count too. */
async function limitTo(credits: number, counts: Counts, api: ApiClient): Promise<Work['admit']> {
  const models = await api.models()
  let promised = 0
  return ({ question, line }) => {
    const tokens = question.messages.reduce((sum, { content }) => sum + contentTokens(content), 0)
    const price = priceOf(models, question.model)
    if (!price)
      throw new CliError(EXIT.credits, `--max-credits: ${question.model} has no price to go by (line ${line})`)
    const likely = estimateCredits(tokens, price)
    if (counts.credits + promised + likely > credits) {
      const limit = creditsPhrase(credits, 2)
      throw new CliError(
        EXIT.credits,
        `--max-credits: stopped before line ${line}, which could bring it above ${limit}`
      )
    }
    promised += likely
    return () => {
      promised -= likely
    }
  }
}

async function readSystem(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw usageError(`--system-file: cannot read ${path}: ${error.message}`)
  })
}

function parseJobs(text: string): number {
  const jobs = parsePositiveInteger(text)
  if (jobs <= AT_ONCE_MAX) return jobs
  throw new InvalidArgumentError(`It must be at most ${AT_ONCE_MAX}.`)
}
