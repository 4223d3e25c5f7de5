import { createServer, type IncomingMessage, type Server as NodeServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { AppError } from '@caicaini/protocol'
import { getRequestListener } from '@hono/node-server'
import type { HttpEnv } from './context.js'

export interface ListenOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
}

export interface Listening {
  readonly url: string
  /** From now on nobody new is let in. */
  stopAccepting(): void
  /** Closes every connection, those still writing after a short while. */
  close(): Promise<void>
}

/** A slow sender has a minute for its headers and five for all, and is cut within `connectionsCheckingInterval` of that. */
const TIMES = {
  headersTimeout: 60_000,
  requestTimeout: 300_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000
}

/** Serves `fetch` on a port; throws an `AppError` that names the address when it cannot be had. */
export async function listen(
  fetch: (request: Request, bindings: HttpEnv['Bindings']) => Response | Promise<Response>,
  { host, port }: ListenOptions,
  onError: (error: Error) => void,
  times: Partial<typeof TIMES> = {}
): Promise<Listening> {
  // The listener puts its own Response in the global one's place, whose body goes out as it is; it
  // would read the global one's through a stream, and wait a timer for a second chunk of it.
  const listener = getRequestListener((request, env) => {
    const peer = env.incoming.socket.remoteAddress
    return fetch(request, { ...(peer !== undefined && { peer }), cut: () => env.outgoing.destroy() })
  })
  const server = createServer({ ...TIMES, ...times }, (incoming, outgoing) => void listener(incoming, outgoing))
  server.on('upgrade', refuseUpgrade)
  await bind(server, { host, port })
  // Such as too many open files: the connection is lost, the server goes on.
  server.on('error', onError)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    stopAccepting: () => void server.close(),
    close: () => closeServer(server)
  }
}

/**
 * There are no WebSockets here, and a client that tries one first (Codex) must hear of it at once, or it
 * waits for 10 to 20 s before it goes on over HTTP.
 */
function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => undefined)
  const body = JSON.stringify({
    error: { message: 'there are no WebSockets here: use HTTP', type: 'invalid_request_error' }
  })
  const head = ['HTTP/1.1 426 Upgrade Required', 'content-type: application/json', 'connection: close']
  socket.end(`${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

/** How long a connection may take to send what is already written. */
const FLUSH_LIMIT_MS = 2_000

async function closeServer(server: NodeServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that was busy at first is idle once its answer is out: only then may it be closed.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const force = setTimeout(() => server.closeAllConnections(), FLUSH_LIMIT_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(force)
}

function bind(server: NodeServer, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there: choose another --port' : error.message
      reject(new AppError('invalid_request', `cannot listen on ${host}:${port}: ${why}`))
    }
    server.once('error', refuse)
    server.listen({ host, port }, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}
