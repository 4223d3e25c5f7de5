import { EXIT } from '@caicaini/protocol'
import { installationOf, type Layout } from './install/layout.js'
import { readReceipt } from './install/receipt.js'
import type { ApiClient } from './lib/api-client.js'
import { CliError, usageError } from './lib/cli-error.js'
import type { Clock } from './lib/clock.js'
import type { Config } from './lib/config.js'
import { createConfig } from './lib/config.js'
import { waitAloud } from './lib/countdown.js'
import type { Env, Io } from './lib/io.js'
import { createKeyStore, type KeyStore } from './lib/key-store.js'
import { dataDir } from './lib/paths.js'
import type { Transport } from './lib/transport.js'

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** What a process is given; tests give their own. */
export interface Facts {
  readonly io: Io
  readonly env: Env
  readonly clock: Clock
  readonly random: () => number
  readonly platform: NodeJS.Platform
  readonly version: string
  /** The folder that the command was called in. */
  readonly cwd: string
  /** A file of the running program, by which its installation is found. */
  readonly program?: string
  /** Calls `handler` at each of `signals` instead of ending the process, until the returned function is called. */
  onSignal(signals: readonly StopSignal[], handler: (signal: StopSignal) => void): () => void
  /** Calls `handler` at each of `signals`, however many come, until the returned function is called. */
  onEachSignal(signals: readonly StopSignal[], handler: (signal: StopSignal) => void): () => void
  /** In place of the network or the embedded server. */
  readonly transport?: (target: Target) => Promise<Transport>
}

/** Options that hold for every command. */
export interface Globals {
  readonly local?: boolean
  readonly data?: string
}

export type Target =
  | { readonly kind: 'local'; readonly dataDir: string }
  | { readonly kind: 'remote'; readonly baseUrl: string }

/** What a command works with. Each part is made when it is first asked for. */
export interface Context extends Facts {
  readonly globals: Globals
  config(): Config
  keys(): KeyStore
  target(): Target
  /** The client of `target()` with its key; throws (exit 4) when nobody is signed in there. */
  api(): Promise<ApiClient>
  /** The client of any server with any key. */
  connect(target: Target, apiKey: string | undefined): Promise<ApiClient>
  /** The bare way to a server, for what is no route of its API. Its caller closes it. */
  reach(target: Target): Promise<Transport>
  /** The installation that the program runs from; undefined where npm or a checkout brought it. */
  installation(): Layout | undefined
  /** Lets go of what was opened. Awaited on every way out. */
  close(): Promise<void>
}

export function createContext(facts: Facts, globals: Globals): Context {
  const { env, platform } = facts
  const installation = once(() => installationOf(facts.program))
  const installedFrom = () => {
    const layout = installation()
    return layout && readReceipt(layout)?.base_url
  }
  const config = once(() => createConfig(env, platform, installedFrom))
  const keys = once(() => createKeyStore(env, platform))
  const clients: Promise<ApiClient>[] = []
  const target = once((): Target => {
    if (globals.local) return { kind: 'local', dataDir: dataDir(env, platform, globals.data) }
    if (globals.data) throw usageError('--data names a data directory on this machine: use it with --local or serve')
    return { kind: 'remote', baseUrl: config().get('base-url').value }
  })
  const connect = (to: Target, apiKey: string | undefined) => {
    const client = openClient(facts, to, apiKey)
    clients.push(client)
    return client
  }
  const api = once(() => {
    const to = target()
    return connect(to, to.kind === 'local' ? undefined : signedInKey(keys(), to.baseUrl))
  })
  return {
    ...facts,
    globals,
    config,
    keys,
    target,
    // The key's refusal is thrown at the await, like the connection's.
    api: async () => api(),
    connect,
    reach: (to) => (facts.transport ?? openTransport(env))(to),
    installation,
    async close() {
      const opened = await Promise.allSettled(clients)
      await Promise.all(opened.map((client) => client.status === 'fulfilled' && client.value.close()))
    }
  }
}

async function openClient(facts: Facts, target: Target, apiKey: string | undefined): Promise<ApiClient> {
  const { io, clock, random, version } = facts
  const [transport, { createApiClient }] = await Promise.all([
    (facts.transport ?? openTransport(facts.env))(target),
    import('./lib/api-client.js')
  ])
  const onWait = (wait: Parameters<typeof waitAloud>[1]) => waitAloud({ io, clock }, wait)
  return createApiClient({ transport, apiKey, version, clock, retry: { random, onWait } })
}

const openTransport =
  (env: Env) =>
  async (target: Target): Promise<Transport> => {
    if (target.kind === 'local') {
      const { createLocalTransport } = await import('./lib/local.js')
      return createLocalTransport({ dataDir: target.dataDir, env })
    }
    const { createRemoteTransport } = await import('./lib/transport.js')
    return createRemoteTransport(target.baseUrl, env)
  }

function signedInKey(keys: KeyStore, baseUrl: string): string {
  const found = keys.find(baseUrl)
  if (found) return found.key
  throw new CliError(
    EXIT.auth,
    `not signed in to ${baseUrl}: run \`caicaini auth login\`, or set CAICAINI_API_KEY, ` +
      'or use --local for the server on this machine'
  )
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
