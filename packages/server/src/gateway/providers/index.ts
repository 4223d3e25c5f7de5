import { canonicalJson } from '@caicaini/protocol'
import type { Catalog } from '../../catalog/catalog.js'
import type { ProviderEntry } from '../../catalog/schema.js'
import type { Clock } from '../../lib/clock.js'
import { ConfigError } from '../../lib/config-error.js'
import { createAnthropicProvider } from './anthropic.js'
import type { UpstreamKey } from './key-ring.js'
import { createOpenAiCompatibleProvider } from './openai-compatible.js'
import type { Provider } from './provider.js'
import { createSandboxProvider } from './sandbox.js'

export type { Provider, ProviderEvent, ProviderLimits, ProviderRequest } from './provider.js'

/** What the sandbox is called in receipts. */
const SANDBOX = 'sandbox'

export interface Providers {
  get(name: string): Provider | undefined
  readonly sandbox: Provider
  /** Names of the providers that have a key, in the catalog's order; the sandbox is not among them. */
  readonly configured: readonly string[]
  /** Each of them. */
  all(): readonly Provider[]
  /**
   * The providers of another catalog; called again, the result puts them in the place of these. Keys are those of
   * the start. One whose entry is the same stays; calls under way end on those that they began with. Throws as
   * `createProviders` does, and changes nothing then.
   */
  prepare(catalog: Catalog): () => void
  close(): Promise<void>
}

export interface ProvidersOptions {
  readonly catalog: Catalog
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Between 0 and 1. */
  readonly random: () => number
}

/**
 * Every provider of the catalog whose key is in the environment, and always the sandbox. Throws where
 * a variable is there and cannot be used; its message names the variable.
 */
export function createProviders({ catalog, env, clock, random }: ProvidersOptions): Providers {
  const sandbox = createSandboxProvider({ name: SANDBOX, clock })
  let { remotes, entries } = build(catalog)

  function build({ providers }: Catalog, before: typeof remotes = new Map(), known: Catalog['providers'] = {}) {
    const built = new Map<string, Provider>()
    for (const [name, entry] of Object.entries(providers)) {
      const isSame = Object.hasOwn(known, name) && canonicalJson(known[name]) === canonicalJson(entry)
      const provider = isSame ? before.get(name) : createRemote({ name, entry, env, clock, random })
      if (provider) built.set(name, provider)
    }
    return { remotes: built as ReadonlyMap<string, Provider>, entries: providers }
  }

  return {
    get(name) {
      const isSandbox = Object.hasOwn(entries, name) && entries[name]?.kind === 'sandbox'
      return isSandbox ? sandbox : remotes.get(name)
    },
    sandbox,
    get configured() {
      return [...remotes.keys()]
    },
    all: () => [...remotes.values()],
    prepare(next) {
      const built = build(next, remotes, entries)
      return () => {
        // Nobody needs to close those that went: their connections end themselves once they are idle.
        ;({ remotes, entries } = built)
      }
    },
    async close() {
      await Promise.all([...remotes.values()].map((provider) => provider.close()))
    }
  }
}

interface RemoteOptions {
  readonly name: string
  readonly entry: ProviderEntry
  readonly env: ProvidersOptions['env']
  readonly clock: Clock
  readonly random: () => number
}

function createRemote({ name, entry, env, clock, random }: RemoteOptions): Provider | undefined {
  if (entry.kind === 'sandbox') return undefined
  const keys = keysOf(entry, env)
  // One that asks for no key is on where an operator's own catalog has it.
  if (keys.length === 0 && entry.auth !== 'none') return undefined
  const options = { name, baseUrl: baseUrlOf(entry, env), keys, clock, random, baseUrlEnv: entry.base_url_env }
  if (entry.kind === 'anthropic') return createAnthropicProvider({ ...options, auth: entry.auth })
  return createOpenAiCompatibleProvider({ ...options, endpoints: new Set(entry.endpoints) })
}

/** Those of the provider's keys that are in the environment. */
function keysOf(
  entry: { api_key_env: string; more_keys?: { env: string; weight: number }[] | undefined },
  env: ProvidersOptions['env']
): UpstreamKey[] {
  return [{ env: entry.api_key_env, weight: 1 }, ...(entry.more_keys ?? [])].flatMap((key) => {
    const value = env[key.env]?.trim()
    if (!value) return []
    // A header takes nothing else, and a key with a line break in it is a pasting error.
    if (!/^[\x21-\x7e]+$/.test(value)) throw new ConfigError(`${key.env}: holds characters that no key has`)
    return [{ ...key, value }]
  })
}

function baseUrlOf(entry: { base_url: string; base_url_env: string }, env: ProvidersOptions['env']): string {
  const override = env[entry.base_url_env]?.trim()
  if (!override) return entry.base_url
  const url = URL.parse(override)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`${entry.base_url_env}: must be an http or https address, such as ${entry.base_url}`)
  }
  return override.replace(/\/+$/, '')
}
