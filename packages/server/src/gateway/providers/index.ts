import type { Catalog } from '../../catalog/catalog.js'
import type { ProviderEntry } from '../../catalog/schema.js'
import type { Clock } from '../../lib/clock.js'
import { ConfigError } from '../../lib/config-error.js'
import { createAnthropicProvider } from './anthropic.js'
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
  close(): Promise<void>
}

export interface ProvidersOptions {
  readonly catalog: Catalog
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

/**
 * Every provider of the catalog whose key is in the environment, and always the sandbox. Throws where
 * a variable is there and cannot be used; its message names the variable.
 */
export function createProviders({ catalog, env, clock }: ProvidersOptions): Providers {
  const providers = new Map<string, Provider>()
  for (const [name, entry] of Object.entries(catalog.providers)) {
    const provider = createRemote({ name, entry, env, clock })
    if (provider) providers.set(name, provider)
  }
  const configured = [...providers.keys()]
  const sandbox = createSandboxProvider({ name: SANDBOX, clock })
  for (const [name, entry] of Object.entries(catalog.providers)) {
    if (entry.kind === 'sandbox') providers.set(name, sandbox)
  }
  return {
    get: (name) => providers.get(name),
    sandbox,
    configured,
    async close() {
      await Promise.all([...providers.values()].map((provider) => provider.close()))
    }
  }
}

interface RemoteOptions {
  readonly name: string
  readonly entry: ProviderEntry
  readonly env: ProvidersOptions['env']
  readonly clock: Clock
}

function createRemote({ name, entry, env, clock }: RemoteOptions): Provider | undefined {
  if (entry.kind === 'sandbox') return undefined
  const apiKey = apiKeyOf(entry, env)
  if (apiKey === undefined) return undefined
  const options = {
    name,
    baseUrl: baseUrlOf(entry, env),
    apiKey,
    clock,
    apiKeyEnv: entry.api_key_env,
    baseUrlEnv: entry.base_url_env
  }
  if (entry.kind === 'anthropic') return createAnthropicProvider({ ...options, auth: entry.auth })
  return createOpenAiCompatibleProvider({ ...options, auth: entry.auth, endpoints: new Set(entry.endpoints) })
}

/** Undefined: the provider is off. One that asks for no key is on where an operator's own catalog has it. */
function apiKeyOf(entry: { auth: string; api_key_env: string }, env: ProvidersOptions['env']): string | undefined {
  const apiKey = env[entry.api_key_env]?.trim()
  if (!apiKey) return entry.auth === 'none' ? '' : undefined
  // A header takes nothing else, and a key with a line break in it is a pasting error.
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new ConfigError(`${entry.api_key_env}: holds characters that no key has`)
  return apiKey
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
