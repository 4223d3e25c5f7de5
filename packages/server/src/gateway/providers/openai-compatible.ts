import { createHttpProvider, type HttpProviderOptions, type Wire } from './http-provider.js'
import type { Endpoint, Provider, ProviderRequest } from './provider.js'

/** Added to the base address, which ends in `/v1` or what a provider has in its place (OpenAI's API reference). */
const PATHS: Partial<Record<Endpoint, string>> = {
  chat: '/chat/completions',
  embeddings: '/embeddings',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  images: '/images/generations'
}

export interface OpenAiCompatibleOptions extends HttpProviderOptions {
  readonly endpoints: ReadonlySet<Endpoint>
}

/** An upstream that speaks OpenAI's Chat Completions format. */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): Provider {
  const wire: Wire = {
    format: 'chat',
    pathOf: (endpoint) => (options.endpoints.has(endpoint) ? PATHS[endpoint] : undefined),
    headersOf
  }
  return createHttpProvider(wire, options)
}

function headersOf({ stream, headers }: ProviderRequest, apiKey: string | undefined): Record<string, string> {
  return {
    'content-type': headers['content-type'] ?? 'application/json',
    accept: stream ? 'text/event-stream' : '*/*',
    // The tap reads the bytes as they come; a compressed stream could not be cut at its events.
    'accept-encoding': 'identity',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` })
  }
}
