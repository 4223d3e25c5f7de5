import type { ModelEntry, ProviderEntry } from '../catalog/schema.js'
import type { ProviderLimits, WireFormat } from './providers/provider.js'
import type { ClientRequest } from './request/client-request.js'
import { thinkingOf } from './request/thinking.js'

const TIMEOUT_MS = 60_000
/** Models that think may say nothing for minutes; peers that cut at 60 s lost whole answers. */
const REASONING_TIMEOUT_MS = 180_000
/** An answer that is not streamed says nothing until it is whole; the official SDKs wait ten minutes for one. */
const PLAIN_TIMEOUT_MS = 600_000

type Timeouts = Pick<ProviderLimits, 'firstByteTimeoutMs' | 'idleTimeoutMs'>

interface TimeoutsAsk {
  readonly request: Pick<ClientRequest, 'stream' | 'body'>
  readonly model: Pick<ModelEntry, 'capabilities'>
  readonly provider: { readonly format: WireFormat }
  /** The provider's own; undefined for one that the catalog does not have. */
  readonly settings: ProviderEntry | undefined
}

/** How long a provider may be silent, before its first byte and between two. */
export function timeoutsOf({ request, model, provider, settings }: TimeoutsAsk): Timeouts {
  const isSilent = request.stream && model.capabilities.includes('thinking') && thinksSilently(request.body, provider)
  const longest = isSilent ? (settings?.reasoning_timeout_ms ?? REASONING_TIMEOUT_MS) : 0
  const firstByteTimeoutMs = request.stream ? (settings?.first_byte_timeout_ms ?? TIMEOUT_MS) : PLAIN_TIMEOUT_MS
  const idleTimeoutMs = settings?.idle_timeout_ms ?? TIMEOUT_MS
  return {
    firstByteTimeoutMs: Math.max(firstByteTimeoutMs, longest),
    idleTimeoutMs: Math.max(idleTimeoutMs, longest)
  }
}

/** Providers of OpenAI's chat format show nothing of what their models think, and those think unless told not to. */
function thinksSilently(body: ClientRequest['body'], { format }: TimeoutsAsk['provider']): boolean {
  const thinking = thinkingOf(body)
  return thinking === 'asked' || (thinking === 'unsaid' && format === 'chat')
}
