import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { EXIT } from '@caicaini/protocol'
import { CliError } from './cli-error.js'
import type { Env } from './io.js'
import { proxyOf } from './proxy.js'

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** From the root, with its query: `/v1/messages`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Aborting it ends the request and the body; both then reject with the signal's reason. */
  readonly signal: AbortSignal
}

export interface WireResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: AsyncIterable<Uint8Array>
}

/** The one way to a server, be it over the network or in this process. */
export interface Transport {
  /** How people know the server: its address, or `--local`. */
  readonly name: string
  send(request: WireRequest): Promise<WireResponse>
  /** Opens a port on this machine for what runs in this process, and returns its address. */
  listen?(): Promise<string>
  close(): Promise<void>
}

/** A server on the network. Built on node:http because undici and fetch double the time to the first request. */
export function createRemoteTransport(baseUrl: string, env: Env = {}): Transport {
  const base = new URL(baseUrl)
  const prefix = base.pathname.replace(/\/$/, '')
  const proxy = proxyOf(base, env)
  return {
    name: baseUrl,
    send(request) {
      // Not by `import`, which reads every export, and so loads undici for the one that is named WebSocket.
      const { request: open, Agent } = process.getBuiltinModule(base.protocol === 'https:' ? 'node:https' : 'node:http')
      const agent = proxy && new Agent({ proxyEnv: proxy })
      return exchange(open, { url: new URL(prefix + request.path, base), agent }, request)
    },
    close: async () => {}
  }
}

type Open = (url: URL, options: RequestOptions) => ClientRequest

function exchange(
  open: Open,
  { url, agent }: { url: URL; agent: Agent | undefined },
  { method, headers, body, signal }: WireRequest
): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const length: Record<string, string> = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
    const outgoing = open(url, { method, headers: { ...headers, ...length }, ...(agent && { agent }) })
    const stop = () => outgoing.destroy()
    signal.addEventListener('abort', stop, { once: true })
    const fail = (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', stop)
      reject(signal.aborted ? signal.reason : unreachable(url, error))
    }
    outgoing.on('error', fail)
    outgoing.on('response', (incoming) => {
      resolve({
        status: incoming.statusCode ?? 0,
        headers: flatten(incoming),
        body: readBody(incoming, { signal, done: () => signal.removeEventListener('abort', stop) })
      })
    })
    outgoing.end(body)
  })
}

function flatten({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]]
    )
  )
}

async function* readBody(
  incoming: IncomingMessage,
  { signal, done }: { signal: AbortSignal; done: () => void }
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of incoming) yield chunk
  } catch (error) {
    throw signal.aborted ? signal.reason : new ConnectionLost(error)
  } finally {
    done()
  }
}

/** The connection broke while the answer came in. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super('the connection was lost', { cause })
    this.name = 'ConnectionLost'
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused; is the server running?',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'its name could not be looked up; are you offline?',
  ECONNRESET: 'the connection was closed before an answer came',
  ETIMEDOUT: 'no connection within the time limit',
  ENETUNREACH: 'the network is unreachable',
  EHOSTUNREACH: 'the host is unreachable'
}

/** OpenSSL's and node's names for a certificate or a handshake that was refused: trying again changes nothing. */
const REFUSED_BY_TLS = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_/

function unreachable(url: URL, error: NodeJS.ErrnoException): CliError {
  // With several addresses behind a name node throws an AggregateError without a message of its own.
  const retryable = !REFUSED_BY_TLS.test(error.code ?? '')
  const reason = retryable
    ? (REASONS[error.code ?? ''] ?? (error.message || 'connection failed'))
    : 'its certificate is refused; NODE_EXTRA_CA_CERTS names a file with further authorities'
  const code = error.code ? ` (${error.code})` : ''
  return new CliError(EXIT.network, `cannot reach ${url.origin}: ${reason}${code}`, { retryable, cause: error })
}
