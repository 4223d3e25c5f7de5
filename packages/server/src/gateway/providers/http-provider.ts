import { type Dispatcher, Pool } from 'undici'
import type { Clock } from '../../lib/clock.js'
import { createBodyReader } from './body-reader.js'
import { type CallWatch, watchCall } from './call-watch.js'
import { createKeyRing, type UpstreamKey } from './key-ring.js'
import {
  allKeysAside,
  failed,
  isKeyRefused,
  judgeAnswer,
  type OutcomeContext,
  timedOut,
  type UpstreamAnswer
} from './outcome.js'
import type {
  Endpoint,
  FailedEvent,
  Provider,
  ProviderEvent,
  ProviderLimits,
  ProviderRequest,
  RefusedEvent,
  WireFormat
} from './provider.js'

const ERROR_BYTES_MAX = 64 * 1024
const CONNECT_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 30_000

/** What one upstream's wire needs beside the body. */
export interface Wire {
  readonly format: WireFormat
  /** The path of an endpoint, added to the base address; undefined where this wire has none of it. */
  pathOf(endpoint: Endpoint): string | undefined
  headersOf(request: ProviderRequest, apiKey: string | undefined): Record<string, string>
}

export interface HttpProviderOptions {
  readonly name: string
  /** Without a slash at the end. */
  readonly baseUrl: string
  /** None for a server that asks for no key. */
  readonly keys: readonly UpstreamKey[]
  readonly clock: Clock
  /** Between 0 and 1: chooses between keys. */
  readonly random: () => number
  /** Environment variable that error texts for the operator name. */
  readonly baseUrlEnv: string
  /** Most connections at once; without it as many as there are calls. */
  readonly connectionsMax?: number
}

/** An upstream over HTTP: bytes go through both ways as they are. */
export function createHttpProvider(wire: Wire, options: HttpProviderOptions): Provider {
  const base = new URL(options.baseUrl)
  const pool = new Pool(base.origin, {
    connections: options.connectionsMax ?? null,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // Waits are watched by the call itself, on the injected clock.
    headersTimeout: 0,
    bodyTimeout: 0
  })
  const prefix = base.pathname.replace(/\/$/, '')
  const ring = createKeyRing(options.keys, options)

  async function* send(request: ProviderRequest, limits: ProviderLimits): AsyncGenerator<ProviderEvent> {
    if (limits.signal.aborted) return
    const path = wire.pathOf(request.endpoint)
    if (path === undefined) throw new Error(`bug: ${options.name} has no ${request.endpoint}`)
    const key = ring.pick()
    if (key === undefined && options.keys.length > 0) return yield allKeysAside(options.name)
    const watch = watchCall(options.clock, limits)
    let response: Dispatcher.ResponseData | undefined
    try {
      response = await pool.request({
        method: 'POST',
        path: prefix + path,
        headers: wire.headersOf(request, key?.value),
        body: request.body,
        signal: watch.signal
      })
      watch.touch()
      if (response.statusCode !== 200) return yield await judge(response, { watch, key })
      if (key) ring.worked(key)
      const read = createBodyReader(response.body)
      watch.pause()
      yield headOf(response)
      watch.touch()
      // Not in a generator of its own: passing through another one would cost each chunk several turns.
      for (let total = 0; ; ) {
        const bytes = await read()
        if (bytes === null) return
        total += bytes.length
        if (total > limits.bodyBytesMax) return yield TOO_LARGE
        watch.pause()
        yield { type: 'bytes', bytes }
        watch.touch()
      }
    } catch (error) {
      if (watch.stopped !== 'aborted') yield failureOf(error, { watch, limits, name: options.name })
    } finally {
      watch.end()
      // A body that nobody reads to its end keeps the connection.
      response?.body.on('error', () => {}).destroy()
    }
  }

  async function judge(
    response: Dispatcher.ResponseData,
    { watch, key }: { watch: CallWatch; key: UpstreamKey | undefined }
  ): Promise<RefusedEvent | FailedEvent> {
    const { name: provider, baseUrlEnv } = options
    const context: OutcomeContext = { provider, baseUrlEnv, apiKeyEnv: key?.env ?? '', apiKey: key?.value ?? null }
    const event = judgeAnswer(await readError(response, { watch, clock: options.clock }), context)
    if (event.type === 'refused' || !key || !isKeyRefused(event)) return event
    ring.refused(key, response.statusCode)
    // The customer asked nothing wrong: another key may be good for it.
    return ring.hasUsable() ? { ...event, shouldRetry: true, retryAfterMs: 0 } : event
  }

  return {
    name: options.name,
    keys: ring.views,
    format: wire.format,
    has: (endpoint) => wire.pathOf(endpoint) !== undefined,
    send,
    close: () => pool.destroy()
  }
}

const TOO_LARGE = failed({
  message: 'The provider sent an answer that is too large',
  shouldRetry: false,
  status: 200
})

function headOf({ headers }: Dispatcher.ResponseData): ProviderEvent {
  const contentType = textOf(headers['content-type']) ?? ''
  return { type: 'head', contentType, upstreamRequestId: textOf(headers['request-id']) ?? null }
}

async function readError(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { watch, clock }: { watch: CallWatch; clock: Clock }
): Promise<UpstreamAnswer> {
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    watch.touch()
    total += chunk.length
    if (total > ERROR_BYTES_MAX) break
    chunks.push(chunk)
  }
  const retryAfterMs = readRetryAfter(textOf(headers['retry-after']), clock.nowMs())
  return { status: statusCode, body: Buffer.concat(chunks), retryAfterMs }
}

/** Seconds, or a date (RFC 9110, Retry-After). */
function readRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

function failureOf(
  error: unknown,
  { watch, limits, name }: { watch: CallWatch; limits: ProviderLimits; name: string }
): ProviderEvent {
  if (watch.stopped === 'first byte') return timedOut('first byte', limits.firstByteTimeoutMs)
  if (watch.stopped === 'next byte') return timedOut('next byte', limits.idleTimeoutMs)
  // Codes such as ECONNREFUSED or UND_ERR_SOCKET; messages can name addresses, so they stay with the operator.
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return failed({
    message: 'The connection to the provider failed',
    shouldRetry: true,
    operatorHint: `${name}: ${code}: ${error instanceof Error ? error.message : String(error)}`
  })
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
