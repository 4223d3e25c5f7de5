import { EXIT } from '@caicaini/protocol'
import type { Server, ServerOptions } from '@caicaini/server'
import { CliError, usageError } from './cli-error.js'
import type { Env } from './io.js'
import type { Transport, WireRequest, WireResponse } from './transport.js'

/** A server over a data directory; what is wrong with its settings or its catalog is a usage error. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const { ConfigError, createServer } = await import('@caicaini/server')
  try {
    return await createServer(options)
  } catch (error) {
    if (error instanceof ConfigError) throw usageError(error.message)
    throw error
  }
}

/** The embedded server in this process, as the owner of `dataDir`; opens no port. */
export async function createLocalTransport({ dataDir, env }: { dataDir: string; env: Env }): Promise<Transport> {
  // The terminal is the command's: the server's own lines are for those who look for a fault.
  const log = env.CAICAINI_DEBUG === '1' ? 'stderr' : 'silent'
  return createTransportOf(await openServer({ dataDir, followsData: true, env, log }))
}

/** A transport over `server`, which it closes. */
export function createTransportOf(server: Pick<Server, 'fetchLocal' | 'close' | 'listen'>): Transport {
  return {
    name: '--local',
    async send({ method, path, headers, body, signal }) {
      signal.throwIfAborted()
      const request = new Request(`http://localhost${path}`, { method, headers, body: body ?? null, signal })
      const response = await orAborted(server.fetchLocal(request), signal)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: readBody(response, signal)
      }
    },
    listen: async () => (await server.listen({ host: '127.0.0.1', port: 0 })).url,
    close: () => server.close()
  }
}

async function* readBody(response: Response, signal: WireRequest['signal']): WireResponseBody {
  const reader = response.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await orAborted(reader.read(), signal)
      if (done) return
      yield value
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : new CliError(EXIT.cutShort, 'the answer was cut short', { cause: error })
  } finally {
    // Tells the server that the client is gone; nothing happens when all was read.
    await reader.cancel().catch(() => {})
  }
}

type WireResponseBody = AsyncGenerator<Uint8Array> & WireResponse['body']

/** `promise`, or the signal's reason as soon as it is aborted. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
