import type { Rate, Usage } from '../../catalog/price.js'
import type { ModelEntry } from '../../catalog/schema.js'
import type { Serves } from '../../catalog/serves.js'

/** What is passed through as it is, on a route of its own. */
export type ThroughKind = Exclude<Serves, 'chat'>

/** The model that a request means, at the price of its time. */
export interface ThroughWay {
  readonly model: ModelEntry
  readonly upstreamId: string
  readonly rate: Rate
}

/** A request as it is sent, what it may cost, and how its answer is metered. */
export interface ThroughPlan {
  /** The client's bytes with the model's name spliced. */
  readonly body: Uint8Array
  readonly contentType: string
  /** The most that it may use: that much is held. */
  readonly most: Pick<Usage, 'inputTokens' | 'outputTokens'> & { readonly pieces: Readonly<Record<string, number>> }
  /** What the window of tokens counts until the provider's own number comes. */
  readonly likelyTokens: number
  /** What an answer used; undefined where it is none. Of speech it is known before. */
  readonly meter: (answer: Uint8Array) => Metered | undefined
}

export interface Metered {
  readonly usage: Usage
  /** The provider did not count what is priced. */
  readonly estimated: boolean
}

/** A request that was read, but for what depends on its model. */
export interface ThroughRequest {
  readonly model: string
  /** Throws `AppError('invalid_request')` where this model, or its price, is not for this request. */
  plan(way: ThroughWay): ThroughPlan
}

/** Reads a request; throws `AppError('invalid_request')` that names the field and the mend. */
export type ThroughReader = (bytes: Uint8Array, contentType: string | null) => ThroughRequest
