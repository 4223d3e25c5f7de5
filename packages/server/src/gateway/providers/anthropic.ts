import { type Dispatcher, Pool } from 'undici'
import type { Clock } from '../../lib/clock.js'
import { type CallWatch, watchCall } from './call-watch.js'
import { failed, judgeAnswer, type OutcomeContext, timedOut } from './outcome.js'
import type { Provider, ProviderEvent, ProviderLimits, ProviderRequest } from './provider.js'

/** The version that a client which names none is served by (Anthropic's docs, versioning). */
const ANTHROPIC_VERSION = '2023-06-01'
const ERROR_BYTES_MAX = 64 * 1024
const CONNECT_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 30_000

/** Headers of the client that never travel: its key, and what belongs to its own connection. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'cookie',
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'accept',
  'accept-encoding',
  'expect',
  'upgrade',
  'te',
  'proxy-authorization'
])

export interface AnthropicOptions {
  readonly name: string
  /** Without a slash at the end; `/v1/messages` is added. */
  readonly baseUrl: string
  readonly apiKey: string
  readonly auth: 'x-api-key' | 'bearer'
  readonly clock: Clock
  /** Environment variables that error texts for the operator name. */
  readonly apiKeyEnv: string
  readonly baseUrlEnv: string
  /** Most connections at once; without it as many as there are calls. */
  readonly connectionsMax?: number
}

/** An upstream that speaks Anthropic's Messages format: bytes go through both ways as they are. */
export function createAnthropicProvider(options: AnthropicOptions): Provider {
  const url = new URL(`${options.baseUrl}/v1/messages`)
  const pool = new Pool(url.origin, {
    connections: options.connectionsMax ?? null,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // Waits are watched by the call itself, on the injected clock.
    headersTimeout: 0,
    bodyTimeout: 0
  })
  const path = url.pathname + url.search
  const context: OutcomeContext = { ...options, provider: options.name }

  async function* send(request: ProviderRequest, limits: ProviderLimits): AsyncGenerator<ProviderEvent> {
    if (limits.signal.aborted) return
    const watch = watchCall(options.clock, limits)
    let response: Dispatcher.ResponseData | undefined
    try {
      response = await pool.request({
        method: 'POST',
        path,
        headers: headersOf(request, options),
        body: request.body,
        signal: watch.signal
      })
      watch.touch()
      yield* response.statusCode === 200
        ? readAnswer(response, { watch, limits })
        : readError(response, { watch, context })
    } catch (error) {
      if (watch.stopped !== 'aborted') yield failureOf(error, { watch, limits, name: options.name })
    } finally {
      watch.end()
      // A body that nobody reads to its end keeps the connection.
      response?.body.on('error', () => {}).destroy()
    }
  }

  return { name: options.name, send, close: () => pool.destroy() }
}

function headersOf(request: ProviderRequest, { apiKey, auth }: AnthropicOptions): Record<string, string> {
  const headers: Record<string, string> = { 'anthropic-version': ANTHROPIC_VERSION }
  for (const [name, value] of Object.entries(request.headers)) {
    if (!KEPT_BACK.has(name.toLowerCase())) headers[name.toLowerCase()] = value
  }
  headers['content-type'] = 'application/json'
  headers.accept = request.stream ? 'text/event-stream' : 'application/json'
  // The tap reads the bytes as they come; a compressed stream could not be cut at its events.
  headers['accept-encoding'] = 'identity'
  if (auth === 'bearer') headers.authorization = `Bearer ${apiKey}`
  else headers['x-api-key'] = apiKey
  return headers
}

async function* readAnswer(
  { headers, body }: Dispatcher.ResponseData,
  { watch, limits }: { watch: CallWatch; limits: ProviderLimits }
): AsyncGenerator<ProviderEvent> {
  watch.pause()
  yield {
    type: 'head',
    contentType: textOf(headers['content-type']) ?? '',
    upstreamRequestId: textOf(headers['request-id']) ?? null
  }
  watch.touch()
  let total = 0
  // Iterating gives what has queued up as one chunk, and reads no faster than the consumer.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    watch.touch()
    total += chunk.length
    if (total > limits.bodyBytesMax) {
      yield failed({ message: 'The provider sent an answer that is too large', shouldRetry: false, status: 200 })
      return
    }
    watch.pause()
    yield { type: 'bytes', bytes: chunk }
    watch.touch()
  }
}

async function* readError(
  { statusCode, body }: Dispatcher.ResponseData,
  { watch, context }: { watch: CallWatch; context: OutcomeContext }
): AsyncGenerator<ProviderEvent> {
  const chunks: Buffer[] = []
  let total = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    watch.touch()
    total += chunk.length
    if (total > ERROR_BYTES_MAX) break
    chunks.push(chunk)
  }
  yield judgeAnswer({ status: statusCode, body: Buffer.concat(chunks) }, context)
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
