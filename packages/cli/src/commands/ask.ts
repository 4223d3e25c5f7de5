import { readFile } from 'node:fs/promises'
import { EXIT, type Receipt } from '@caicaini/protocol'
import type { Context } from '../context.js'
import { type Answer, ask, DEFAULT_MAX_TOKENS, type Question, toBody } from '../lib/answer.js'
import type { ApiClient } from '../lib/api-client.js'
import { unkeptNotice } from '../lib/chat-headers.js'
import { CliError, interrupted, OutputClosed, usageError } from '../lib/cli-error.js'
import { costLine, costUnknownLine, warningLines } from '../lib/cost-line.js'
import { waitAloud } from '../lib/countdown.js'
import { explainDegraded } from '../lib/degraded.js'
import { labelHeaders } from '../lib/git-label.js'
import { goesOn, type KeepOptions, type KeptChat, keepingHeaders, keptChat } from '../lib/kept-chat.js'
import { oldKeyReminder } from '../lib/key-age.js'
import { explainCredits } from '../lib/out-of-credits.js'
import { toJsonLine } from '../lib/sanitize.js'
import { settledReceipt } from '../lib/settled-receipt.js'
import { createPrinter, createSink, type Printer, type PrinterOptions, type Sink } from '../print/printer.js'
import { readQuestion } from '../print/prompt.js'
import { requireFits } from '../print/request-size.js'
import type { AnswerSchema } from '../print/schema.js'
import { sayWaiting } from '../print/waiting.js'

export interface Options extends KeepOptions {
  readonly words: readonly string[]
  readonly model?: string | undefined
  readonly file?: readonly string[] | undefined
  readonly system?: string | undefined
  readonly systemFile?: string | undefined
  readonly template?: string | undefined
  readonly maxTokens?: number | undefined
  readonly maxCredits?: number | undefined
  readonly effort?: string | undefined
  readonly outputFormat: PrinterOptions['outputFormat']
  readonly extract?: boolean | undefined
  readonly xl?: boolean | undefined
  /** The file of a JSON Schema. */
  readonly schema?: string | undefined
  readonly output?: string | undefined
  readonly dryRun?: boolean | undefined
  readonly quiet: boolean
  readonly raw: boolean
  /** False for --no-stdin. */
  readonly stdin: boolean
}

/** One answer on stdout, its cost on stderr. */
export async function run(options: Options, context: Context): Promise<void> {
  const { io, clock } = context
  if (options.output !== undefined) await (await import('../lib/out-file.js')).requireWritable(options.output)
  const texts = await readTexts(options, context)
  const content = await readQuestion({ ...options, template: texts.template }, context)
  const api = await context.api()
  const stop = new AbortController()
  const unwatch = context.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort(interrupted()))
  const signal = AbortSignal.any([stop.signal, io.outClosed])
  try {
    const fork = options.fork && !options.dryRun
    const kept = await keptChat({ ...options, fork }, { api, nowMs: clock.nowMs() })
    const question = toQuestion({ options, texts, kept, content }, context)
    const length = question.messages.reduce((sum, turn) => sum + lengthOf(turn.content), 0)
    requireFits(toBody(question), length)
    if (options.dryRun) return await printForecast(question, { options, context, api, signal })
    await answerTo(await withinBudget(question, { options, api, signal }), {
      options,
      context,
      api,
      signal,
      schema: texts.schema,
      kept
    })
  } finally {
    unwatch()
  }
}

interface Asking {
  readonly options: Options
  readonly context: Context
  readonly api: ApiClient
  readonly signal: AbortSignal
}

async function answerTo(
  question: Question,
  { options, context, api, signal, schema, kept }: Asking & Pick<Texts, 'schema'> & { kept: KeptChat | undefined }
): Promise<void> {
  const { io, clock, random } = context
  const sink = createSink(options.output, io)
  const printer = await printerOf({ ...options, schema, chat: kept?.id }, { context, sink, options })
  const onWait = (wait: Parameters<typeof waitAloud>[1]) => waitAloud({ io, clock }, wait)
  const arrived = sayWaiting(question.model, context)
  let ok = false
  try {
    const answer = await ask(question, { api, clock, random, signal, onWait })
    const unkept = unkeptNotice(answer.headers)
    if (unkept) io.err(`${unkept}\n`)
    await printAnswer(answer, { options, context, api, printer, arrived, model: question.model })
    ok = true
    await sink.close(true)
    if ((options.save || options.fork) && kept && !options.quiet)
      io.err(`${io.dim(goesOn(kept.id, context.globals))}\n`)
    const reminder = options.quiet || !io.stderrIsTty ? undefined : await oldKeyReminder(context, api)
    if (reminder) io.err(`${reminder}\n`)
  } catch (error) {
    arrived()
    if (error instanceof OutputClosed) throw error
    const told = await explainCredits(error, { api, local: context.target().kind === 'local' })
    const explained = await explainDegraded(told, { api, model: question.model })
    if (!ok) {
      await printer.failed(explained)
      await sink.close(false)
    }
    throw explained
  }
}

/** What is read from files before anything is asked. */
interface Texts {
  readonly system: string | undefined
  readonly template: string | undefined
  readonly schema: AnswerSchema | undefined
}

async function readTexts({ system, systemFile, template, schema }: Options, context: Context): Promise<Texts> {
  return {
    system: systemFile === undefined ? system : await readSystem(systemFile),
    template:
      template === undefined ? undefined : (await import('../lib/templates.js')).readTemplate(template, context),
    schema: schema === undefined ? undefined : await (await import('../print/schema.js')).readSchema(schema)
  }
}

async function readSystem(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message
    throw usageError(`--system-file: cannot read ${path}: ${why}`)
  })
  if (text.trim()) return text
  throw usageError(`--system-file: ${path} is empty`)
}

function toQuestion(
  {
    options,
    texts,
    kept,
    content
  }: { options: Options; texts: Texts; kept: KeptChat | undefined; content: Question['messages'][number]['content'] },
  { config, clock, cwd }: Context
): Question {
  const system = texts.system ?? kept?.system
  return {
    model: options.model ?? kept?.model ?? config().get('model').value,
    maxTokens: options.maxTokens ?? DEFAULT_MAX_TOKENS,
    system: texts.schema ? [system, texts.schema.instructions].filter(Boolean).join('\n\n') : system,
    messages: [...(kept?.messages ?? []), { role: 'user', content }],
    effort: options.effort,
    headers: { ...labelHeaders(config(), cwd), ...(kept && keepingHeaders(kept, clock.nowMs())) }
  }
}

function lengthOf(content: Question['messages'][number]['content']): number {
  if (typeof content === 'string') return content.length
  return content.reduce((sum, block) => sum + (block.type === 'text' ? block.text.length : block.source.data.length), 0)
}

async function withinBudget(
  question: Question,
  { options: { maxCredits }, api, signal }: Omit<Asking, 'context'>
): Promise<Question> {
  if (maxCredits === undefined) return question
  const { affordable, forecast } = await import('../print/budget.js')
  return { ...question, maxTokens: affordable(await forecast(question, api, signal), maxCredits) }
}

async function printForecast(question: Question, { options, context, api, signal }: Asking): Promise<void> {
  const { forecast, forecastJson, forecastRows } = await import('../print/budget.js')
  const known = await forecast(question, api, signal)
  if (options.outputFormat !== 'text') return context.io.out(toJsonLine(forecastJson(known)))
  const { fields } = await import('../lib/format.js')
  context.io.out(fields(forecastRows(known)))
}

async function printerOf(
  printing: PrinterOptions,
  { context, sink, options }: { context: Context; sink: Sink; options: Options }
): Promise<Printer> {
  const { raw, outputFormat, output, extract, xl, schema } = options
  const part = extract || xl || schema !== undefined
  if (!context.io.stdoutIsTty || raw || outputFormat !== 'text' || output !== undefined || part)
    return createPrinter(printing, sink.write)
  const { createMarkdownPrinter } = await import('../print/markdown-printer.js')
  return createMarkdownPrinter(context)
}

interface Printing {
  readonly options: Options
  readonly context: Context
  readonly api: ApiClient
  readonly printer: Printer
  /** Called once something of the answer is there. */
  readonly arrived: () => void
  readonly model: string
}

async function printAnswer(
  answer: Answer,
  { options, context, api, printer, arrived, model }: Printing
): Promise<void> {
  const { requestId } = answer
  let stopReason: string | null = null
  let receipt: Receipt | undefined
  let failure: unknown
  try {
    await printer.begin({ model, requestId, routeReason: answer.headers['x-caicaini-route'] })
    for await (const event of answer.events) {
      arrived()
      if (event.type === 'text') await printer.text(event.text)
      else ({ stopReason, receipt } = event)
    }
  } catch (error) {
    if (error instanceof OutputClosed) throw error
    failure = error
  }
  arrived()
  receipt ??= await settledReceipt(requestId, { api, clock: context.clock })
  const complaint = await printer.end({ model: receipt?.model_used ?? model, stopReason, receipt, requestId })
  // A failed answer without a receipt was told about by its error alone.
  const known = receipt
    ? costLine(receipt, { why: context.io.stderrIsTty })
    : failure === undefined || isInterrupt(failure)
      ? costUnknownLine(requestId)
      : ''
  if (known && !options.quiet) context.io.err(`${context.io.dim(known)}\n`)
  // Also with --quiet: a script that runs dry is worse than one line.
  for (const warning of receipt ? warningLines(receipt) : []) context.io.err(`${warning}\n`)
  if (failure !== undefined) throw failure
  if (complaint) throw complaint
}

function isInterrupt(error: unknown): boolean {
  return error instanceof CliError && error.exit === EXIT.interrupted
}
