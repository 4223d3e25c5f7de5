import { createHttpProvider, type HttpProviderOptions, type Wire } from './http-provider.js'
import type { Endpoint, Provider, ProviderRequest } from './provider.js'

/** The version that a client which names none is served by (Anthropic's docs, versioning). */
const ANTHROPIC_VERSION = '2023-06-01'

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

const PATHS: Partial<Record<Endpoint, string>> = {
  messages: '/v1/messages',
  count_tokens: '/v1/messages/count_tokens'
}

export interface AnthropicOptions extends HttpProviderOptions {
  readonly auth: 'x-api-key' | 'bearer'
}

/** An upstream that speaks Anthropic's Messages format. */
export function createAnthropicProvider(options: AnthropicOptions): Provider {
  const wire: Wire = {
    format: 'messages',
    pathOf: (endpoint) => PATHS[endpoint],
    headersOf: (request, apiKey = '') => headersOf(request, { auth: options.auth, apiKey })
  }
  return createHttpProvider(wire, options)
}

function headersOf(
  request: ProviderRequest,
  { apiKey, auth }: { apiKey: string; auth: AnthropicOptions['auth'] }
): Record<string, string> {
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
