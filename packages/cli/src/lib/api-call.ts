import { errorFromRefusal, parseJson } from './api-errors.js'
import { CliError } from './cli-error.js'
import type { Clock } from './clock.js'
import { type RetryOptions, withRetries } from './retry.js'
import type { Transport, WireRequest, WireResponse } from './transport.js'
import { createWatchdog } from './watchdog.js'

/** Longer than any of the server's own limits on these routes. */
const CALL_LIMIT_MS = 35_000
/** Answers of /api that are larger are not ours. */
const BODY_BYTES_MAX = 32 * 1024 * 1024

export interface CallOptions {
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** The field that tells our answer from a stranger's; null where nothing is answered, or the caller looks itself. */
  readonly has: string | null
}

export interface ApiClientDeps {
  readonly transport: Transport
  /** None for the owner of a data directory. */
  readonly apiKey: string | undefined
  readonly version: string
  readonly clock: Clock
  readonly retry: Pick<RetryOptions, 'random' | 'onWait'>
}

export type Exchange = (request: {
  method: WireRequest['method']
  path: string
  headers?: Readonly<Record<string, string>>
  /** Sent as JSON, or where it is `URLSearchParams` as a form. */
  body?: unknown
  signal: AbortSignal
  /** Statuses that are no refusal beside the good ones. */
  isFine?: (status: number) => boolean
}) => Promise<WireResponse>

export function createCaller(deps: ApiClientDeps) {
  const { transport, apiKey, version, clock, retry } = deps
  const exchange: Exchange = async ({ method, path, headers = {}, body, signal, isFine = () => false }) => {
    const isForm = body instanceof URLSearchParams
    const response = await transport.send({
      method,
      path,
      headers: {
        accept: 'application/json, text/event-stream',
        'anthropic-version': '2023-06-01',
        'x-caicaini-client': `cli/${version}`,
        'user-agent': `caicaini/${version}`,
        ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
        ...(body === undefined ? {} : { 'content-type': `application/${isForm ? 'x-www-form-urlencoded' : 'json'}` }),
        ...headers
      },
      body: body === undefined ? undefined : isForm ? String(body) : JSON.stringify(body),
      signal
    })
    if ((response.status >= 200 && response.status < 300) || isFine(response.status)) return response
    throw errorFromRefusal({
      status: response.status,
      headers: response.headers,
      body: await readText(response.body),
      nowMs: clock.nowMs(),
      server: transport.name
    })
  }
  const call = async <T>(method: WireRequest['method'], path: string, options: CallOptions): Promise<T> => {
    const { body, signal = new AbortController().signal, has } = options
    const attempt = async () => {
      const { json } = await once(deps, exchange, { method, path, body, signal })
      if (has === null) return json as T
      if (typeof json === 'object' && json !== null && has in json) return json as T
      throw foreign(transport.name)
    }
    return method === 'GET' ? withRetries(attempt, { clock, ...retry, signal }) : attempt()
  }
  return { call, exchange }
}

/** One exchange within the time limit, its JSON read to the end. */
export async function once(
  { clock, transport }: ApiClientDeps,
  exchange: Exchange,
  request: Omit<Parameters<Exchange>[0], 'signal'> & { signal?: AbortSignal | undefined }
): Promise<{ status: number; headers: WireResponse['headers']; json: unknown }> {
  const expired = () => new CliError(7, `${transport.name} did not answer within ${CALL_LIMIT_MS / 1000} s`)
  const watchdog = createWatchdog(clock, { limitMs: CALL_LIMIT_MS, signal: request.signal, expired })
  try {
    const response = await exchange({ ...request, signal: watchdog.signal })
    const { status, headers, body } = response
    return { status, headers, json: parseJson(await readText(body)) }
  } finally {
    watchdog.stop()
  }
}

/** A body's text, as far as it is not absurdly long. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) break
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** A captive portal, a proxy's page, another program's port. */
export function foreign(server: string): CliError {
  return new CliError(7, `${server} answered something that is not Caicaini's API; is the base URL right?`)
}
