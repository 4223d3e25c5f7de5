import { EXIT, type Receipt } from '@caicaini/protocol'
import type { Context } from '../context.js'
import { type Answer, ask, DEFAULT_MAX_TOKENS } from '../lib/answer.js'
import type { ApiClient } from '../lib/api-client.js'
import { unkeptNotice } from '../lib/chat-headers.js'
import { CliError, interrupted, OutputClosed, usageError } from '../lib/cli-error.js'
import { costLine, costUnknownLine, warningLines } from '../lib/cost-line.js'
import { waitAloud } from '../lib/countdown.js'
import { explainDegraded } from '../lib/degraded.js'
import type { Io } from '../lib/io.js'
import { type KeepOptions, keepingHeaders, keptChat } from '../lib/kept-chat.js'
import { oldKeyReminder } from '../lib/key-age.js'
import { explainCredits } from '../lib/out-of-credits.js'
import { neutralise, toJsonLine } from '../lib/sanitize.js'
import { settledReceipt } from '../lib/settled-receipt.js'

export interface Options extends KeepOptions {
  readonly words: readonly string[]
  readonly model?: string | undefined
  readonly system?: string | undefined
  readonly maxTokens?: number | undefined
  readonly outputFormat: 'text' | 'json'
  readonly quiet: boolean
  readonly raw: boolean
  /** False for --no-stdin. */
  readonly stdin: boolean
}

const SILENCE_MS = 3_000

/** One answer on stdout, its cost on stderr. */
export async function run(options: Options, context: Context): Promise<void> {
  const { io, clock, random } = context
  const prompt = await readPrompt(options, context)
  const api = await context.api()
  const stop = new AbortController()
  const unwatch = context.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort(interrupted()))
  const signal = AbortSignal.any([stop.signal, io.outClosed])
  const kept = await keptChat(options, { api, nowMs: clock.nowMs() })
  const printer = createPrinter(options, io, kept?.id)
  const question = {
    model: options.model ?? kept?.model ?? context.config().get('model').value,
    maxTokens: options.maxTokens ?? DEFAULT_MAX_TOKENS,
    system: options.system ?? kept?.system,
    messages: [...(kept?.messages ?? []), { role: 'user', content: prompt } as const],
    headers: kept && keepingHeaders(kept, clock.nowMs())
  }
  try {
    const answer = await ask(question, { api, clock, random, signal, onWait: (wait) => waitAloud({ io, clock }, wait) })
    const unkept = unkeptNotice(answer.headers)
    if (unkept) io.err(`${unkept}\n`)
    await printAnswer(answer, { options, context, api, printer, model: question.model })
    if (options.save && kept && !options.quiet) io.err(`${io.dim(`caicaini -r ${kept.id} goes on with it`)}\n`)
    const reminder = options.quiet || !io.stderrIsTty ? undefined : await oldKeyReminder(context, api)
    if (reminder) io.err(`${reminder}\n`)
  } catch (error) {
    const told = await explainCredits(error, { api, local: context.target().kind === 'local' })
    throw await explainDegraded(told, { api, model: question.model })
  } finally {
    unwatch()
  }
}

interface Printing {
  readonly options: Options
  readonly context: Context
  readonly api: ApiClient
  readonly printer: Printer
  readonly model: string
}

async function printAnswer(answer: Answer, { options, context, api, printer, model }: Printing): Promise<void> {
  const { requestId } = answer
  let stopReason: string | null = null
  let receipt: Receipt | undefined
  let failure: unknown
  try {
    for await (const event of answer.events) {
      if (event.type === 'text') await printer.text(event.text)
      else ({ stopReason, receipt } = event)
    }
  } catch (error) {
    if (error instanceof OutputClosed) throw error
    failure = error
  }
  receipt ??= await settledReceipt(requestId, { api, clock: context.clock })
  await printer.end({ model: receipt?.model_used ?? model, stopReason, receipt, requestId })
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
}

function isInterrupt(error: unknown): boolean {
  return error instanceof CliError && error.exit === EXIT.interrupted
}

/** The prompt words, what is piped in, or both: the words first, then the rest as a `<stdin>` block. */
export async function readPrompt(
  { words, stdin }: Pick<Options, 'words' | 'stdin'>,
  { io, clock }: Pick<Context, 'io' | 'clock'>
): Promise<string> {
  const asked = words.length === 1 && words[0] === '-' ? '' : words.join(' ')
  const dash = asked === '' && words.length > 0
  const reads = dash || (stdin && !io.stdinIsTty)
  const onSilence = () => io.err('caicaini: waiting for text on stdin until its end (--no-stdin skips it)\n')
  const piped = reads ? await io.readStdin({ clock, silenceMs: SILENCE_MS, onSilence }) : ''
  if (asked.trim() && piped.trim()) return `${asked}\n\n<stdin>\n${piped.replace(/\n$/, '')}\n</stdin>`
  const prompt = asked.trim() ? asked : piped
  if (prompt.trim()) return prompt
  throw usageError(
    reads
      ? 'nothing to ask: stdin was empty; add a prompt, as in caicaini "say hello"'
      : 'nothing to ask: add a prompt, as in caicaini "say hello", or pipe one in'
  )
}

interface Ending {
  readonly model: string
  readonly stopReason: string | null
  readonly receipt: Receipt | undefined
  readonly requestId: string | undefined
}

interface Printer {
  text(text: string): Promise<void>
  end(ending: Ending): Promise<void>
}

function createPrinter(
  { outputFormat, raw }: Pick<Options, 'outputFormat' | 'raw'>,
  io: Io,
  chat: string | undefined
): Printer {
  let last = ''
  if (outputFormat === 'text') {
    return {
      async text(text) {
        if (!text) return
        last = text
        await io.write(raw ? text : neutralise(text))
      },
      end: async () => {
        if (last && !last.endsWith('\n')) await io.write('\n')
      }
    }
  }
  return {
    async text(text) {
      last += text
    },
    async end({ model, stopReason, receipt, requestId }) {
      const request_id = requestId ?? receipt?.request_id ?? null
      const known = { text: last, model, stop_reason: stopReason, receipt: receipt ?? null, request_id }
      await io.write(toJsonLine(chat === undefined ? known : { ...known, chat }))
    }
  }
}
