import type { Readable, Writable } from 'node:stream'
import { OutputClosed } from './cli-error.js'
import { type Clock, sleep } from './clock.js'

export type Env = Readonly<Record<string, string | undefined>>

type TtyFacts = { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

export interface Streams {
  readonly stdin: Readable & TtyFacts
  readonly stdout: Writable & TtyFacts
  readonly stderr: Writable & TtyFacts
}

/** What commands read from and print through. */
export interface Io {
  readonly streams: Streams
  readonly stdinIsTty: boolean
  readonly stdoutIsTty: boolean
  readonly stderrIsTty: boolean
  /** Columns of the terminal that stdout is; undefined when it is none. */
  readonly columns: number | undefined
  /** Aborted once nobody reads stdout any more. */
  readonly outClosed: AbortSignal
  /** Prints on stdout. */
  out(text: string): void
  /** Prints on stdout and waits until a slow reader has taken it; rejects with OutputClosed when there is none. */
  write(text: string): Promise<void>
  /** Prints on stderr. */
  err(text: string): void
  /** `text` faint, where stderr shows colours. */
  dim(text: string): string
  /** All of stdin as UTF-8. */
  readStdin(options: StdinOptions): Promise<string>
}

export interface StdinOptions {
  readonly clock: Clock
  /** Calls `onSilence` once when nothing came for so long. */
  readonly silenceMs: number
  readonly onSilence: () => void
  /** Rejects with what `onTooMuch` makes as soon as more came, and keeps none of it. */
  readonly bytesMax?: number
  readonly onTooMuch?: () => Error
}

export function createIo(streams: Streams, env: Env): Io {
  const { stdin, stdout, stderr } = streams
  const closed = new AbortController()
  stdout.on('error', () => closed.abort(new OutputClosed()))
  // A closed stderr must not end the answer on stdout.
  stderr.on('error', () => {})
  const colour = showsColour(stderr, env)
  return {
    streams,
    stdinIsTty: stdin.isTTY === true,
    stdoutIsTty: stdout.isTTY === true,
    stderrIsTty: stderr.isTTY === true,
    get columns() {
      return stdout.isTTY ? stdout.columns : undefined
    },
    outClosed: closed.signal,
    out: (text) => void stdout.write(text),
    write: (text) => writeAll(stdout, text, closed.signal),
    err: (text) => void stderr.write(text),
    dim: (text) => (colour ? `\u001b[2m${text}\u001b[22m` : text),
    readStdin: (options) => readAll(stdin, options)
  }
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over what the stream is. */
export function showsColour(stream: TtyFacts, env: Env): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

async function writeAll(stream: Writable, text: string, closed: AbortSignal): Promise<void> {
  if (closed.aborted) throw closed.reason
  if (stream.write(text)) return
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => () => {
      stream.off('drain', drained)
      closed.removeEventListener('abort', gone)
      act()
    }
    const drained = settle(resolve)
    const gone = settle(() => reject(closed.reason))
    stream.once('drain', drained)
    closed.addEventListener('abort', gone, { once: true })
  })
}

async function readAll(
  stdin: Readable,
  { clock, silenceMs, onSilence, bytesMax = Number.POSITIVE_INFINITY, onTooMuch }: StdinOptions
): Promise<string> {
  const quiet = new AbortController()
  sleep(clock, silenceMs, quiet.signal).then(onSilence, () => {})
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    quiet.abort()
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > bytesMax) throw onTooMuch?.() ?? new Error(`stdin has more than ${bytesMax} bytes`)
    chunks.push(piece)
  }
  quiet.abort()
  // Not decoded by chunk: a character may lie across two.
  return new TextDecoder().decode(Buffer.concat(chunks))
}
