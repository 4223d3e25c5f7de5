import type { Receipt } from '@caicaini/protocol'
import { CliError } from '../lib/cli-error.js'
import { codeBlocks } from '../lib/code-blocks.js'
import type { Io } from '../lib/io.js'
import { neutralise, toJsonLine } from '../lib/sanitize.js'
import type { AnswerSchema } from './schema.js'

/** Version of the lines of `--output-format stream-json`; a field too many is no new version. */
const STREAM_VERSION = 1

export interface Beginning {
  readonly model: string
  readonly requestId: string | undefined
  readonly routeReason: string | undefined
}

export interface Ending {
  readonly model: string
  readonly stopReason: string | null
  readonly receipt: Receipt | undefined
  readonly requestId: string | undefined
}

/** How an answer comes out. What it writes goes to `write`, as it is. */
export interface Printer {
  begin(beginning: Beginning): Promise<void>
  text(text: string): Promise<void>
  /** Returns what is wrong with an answer that came whole. */
  end(ending: Ending): Promise<CliError | undefined>
  /** After `end`, or in place of all where nothing came. */
  failed(error: unknown): Promise<void>
}

export interface PrinterOptions {
  readonly outputFormat: 'text' | 'json' | 'stream-json'
  readonly raw: boolean
  readonly extract?: boolean | undefined
  readonly xl?: boolean | undefined
  readonly schema?: AnswerSchema | undefined
  /** The chat that the answer is kept in. */
  readonly chat: string | undefined
}

type Write = (text: string) => Promise<void>

/** Everything but an answer that is drawn on a terminal. */
export function createPrinter(options: PrinterOptions, write: Write): Printer {
  if (options.outputFormat === 'stream-json') return streamJson(options, write)
  if (options.outputFormat === 'json') return oneObject(options, write)
  if (options.extract || options.xl || options.schema) return onlyPart(options, write)
  return asItComes(options, write)
}

const SILENT = { begin: async () => {}, failed: async () => {} }

function asItComes({ raw }: PrinterOptions, write: Write): Printer {
  let last = ''
  return {
    ...SILENT,
    async text(text) {
      if (!text) return
      last = text
      await write(raw ? text : neutralise(text))
    },
    async end() {
      if (last && !last.endsWith('\n')) await write('\n')
      return undefined
    }
  }
}

/** A part of the answer, which is known when all of it is there. An answer without it is a complaint that quotes it. */
function onlyPart(options: PrinterOptions, write: Write): Printer {
  let whole = ''
  return {
    ...SILENT,
    async text(text) {
      whole += text
    },
    async end({ stopReason }) {
      // One that was stopped or cut short has its own error.
      if (stopReason === null) return undefined
      const part = partOf(whole, options)
      if (part instanceof CliError) return new CliError(part.exit, `${part.message}\nThe answer was:\n${whole}`)
      await write(options.raw ? part : neutralise(part))
      return undefined
    }
  }
}

function partOf(answer: string, { extract, schema }: PrinterOptions): string | CliError {
  if (schema) {
    try {
      return schema.check(answer)
    } catch (error) {
      if (error instanceof CliError) return error
      throw error
    }
  }
  const blocks = codeBlocks(answer)
  return (extract ? blocks[0] : blocks.at(-1)) ?? new CliError(1, 'there is no code block in the answer')
}

function oneObject(options: PrinterOptions, write: Write): Printer {
  let whole = ''
  return {
    ...SILENT,
    async text(text) {
      whole += text
    },
    async end(ending) {
      const wants = options.extract || options.xl || options.schema
      const part = wants && ending.stopReason !== null ? partOf(whole, options) : whole
      const text = part instanceof CliError ? whole : part
      await write(toJsonLine({ text, ...factsOf(ending, options) }))
      return part instanceof CliError ? part : undefined
    }
  }
}

function factsOf({ model, stopReason, receipt, requestId }: Ending, { chat }: PrinterOptions) {
  return {
    model,
    stop_reason: stopReason,
    route_reason: receipt?.route_reason ?? null,
    receipt: receipt ?? null,
    request_id: requestId ?? receipt?.request_id ?? null,
    ...(chat === undefined ? {} : { chat })
  }
}

function streamJson(options: PrinterOptions, write: Write): Printer {
  return {
    async begin({ model, requestId, routeReason }) {
      const known = { model, request_id: requestId ?? null, route_reason: routeReason ?? null }
      await write(toJsonLine({ type: 'start', version: STREAM_VERSION, ...known }))
    },
    async text(text) {
      if (text) await write(toJsonLine({ type: 'text', text }))
    },
    async end(ending) {
      await write(toJsonLine({ type: 'end', ...factsOf(ending, options) }))
      return undefined
    },
    async failed(error) {
      const { exit, code, message } =
        error instanceof CliError ? error : { exit: 1, code: undefined, message: String(error) }
      await write(toJsonLine({ type: 'error', exit, code: code ?? null, message }))
    }
  }
}

/** Where an answer goes: stdout as it comes, or a file once it is whole. */
export interface Sink {
  readonly write: Write
  /** `ok`: nothing went wrong. Else what was to be in a file is told on stderr, for it was paid. */
  close(ok: boolean): Promise<void>
}

export function createSink(output: string | undefined, io: Io): Sink {
  if (output === undefined) return { write: (text) => io.write(text), close: async () => {} }
  const kept: string[] = []
  return {
    async write(text) {
      kept.push(text)
    },
    async close(ok) {
      if (!ok) return io.err(kept.join(''))
      const { writeWhole } = await import('../lib/out-file.js')
      await writeWhole(output, [Buffer.from(kept.join(''))], 0o666)
    }
  }
}
