import type { ErrorCode } from '@caicaini/protocol'
import type { KeyView } from './key-ring.js'

/** What an upstream speaks: Anthropic's Messages, or OpenAI's Chat Completions. */
export type WireFormat = 'messages' | 'chat'

/** What an upstream is asked for. */
export type Endpoint = 'messages' | 'count_tokens' | 'chat' | 'embeddings' | 'speech' | 'transcriptions' | 'images'

/** A call to a provider in its own format, ready to be sent. */
export interface ProviderRequest {
  readonly endpoint: Endpoint
  /** The client's bytes with only named top-level values spliced, or their translation. */
  readonly body: Uint8Array
  /** The id the provider knows the model by. */
  readonly upstreamModel: string
  readonly stream: boolean
  /** Client headers that travel on, in lower case; the provider adds what its format needs beside them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Limits of one call: every wait and every size has one. */
export interface ProviderLimits {
  /** Aborted when the client is gone or the server stops. */
  readonly signal: AbortSignal
  readonly firstByteTimeoutMs: number
  readonly idleTimeoutMs: number
  /** Largest answer that is read, in bytes. */
  readonly bodyBytesMax: number
}

/** What a provider says, in order: one `head`, then `bytes` until the iteration ends; or `refused` or `failed`, last. */
export type ProviderEvent =
  | { readonly type: 'head'; readonly contentType: string; readonly upstreamRequestId: string | null }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** The request itself is at fault (400, 404, 413, 422): the customer is told what the provider said. */
  | { readonly type: 'refused'; readonly status: number; readonly body: Uint8Array }
  /** The provider is at fault, before or mid-answer: nothing is charged. `message` is safe to show to a customer. */
  | {
      readonly type: 'failed'
      readonly code: Extract<ErrorCode, 'upstream_error' | 'upstream_timeout' | 'overloaded'>
      readonly message: string
      /** For the operator's log and the owner's terminal: what the upstream answered, without its body. */
      readonly upstreamStatus: number | null
      /** False where trying again cannot help, such as a refused upstream key. */
      readonly shouldRetry: boolean
      /** How long the provider asked to wait; null where it did not. Zero: another of its keys can be tried at once. */
      readonly retryAfterMs: number | null
      /** What the operator can mend, for the log and the local owner; null where there is nothing. No customer sees it. */
      readonly operatorHint: string | null
    }

export type FailedEvent = Extract<ProviderEvent, { type: 'failed' }>
export type RefusedEvent = Extract<ProviderEvent, { type: 'refused' }>

/**
 * One upstream behind one type. Failures travel in the stream; only a bug throws. A consumer that
 * stops iterating, or an aborted signal, cancels the upstream call at once; after an abort the
 * iteration ends without another event.
 */
export interface Provider {
  readonly name: string
  readonly format: WireFormat
  has(endpoint: Endpoint): boolean
  /** Its keys, by the variables that hold them, and which of them are set aside; none where it needs none. */
  keys(): readonly KeyView[]
  send(request: ProviderRequest, limits: ProviderLimits): AsyncIterable<ProviderEvent>
  close(): Promise<void>
}
