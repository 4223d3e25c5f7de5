/** What all keys of an account together may take; null is no limit. */
export interface AccountLimits {
  readonly requestsPerMinute: number | null
  /** Input tokens, cached ones among them. */
  readonly inputTokensPerMinute: number | null
  readonly concurrentStreams: number | null
}

/** Limits of one key. */
export interface KeyLimits extends AccountLimits {
  /** Streamed or not; there is no key without this one. */
  readonly concurrentRequests: number
}

export interface LimitAsk {
  readonly keyId: string
  readonly limits: KeyLimits
  /** The estimate; `commit` corrects it. */
  readonly inputTokens: number
  readonly stream: boolean
  /** The key's account with its ceiling, where it has one: a place is taken in both or in neither. */
  readonly account?: { readonly id: string; readonly limits: AccountLimits }
}

/** Where the key stands, for the headers of an answer, right after the decision; null where there is no limit. */
export interface LimitSnapshot {
  readonly limitRequests: number | null
  readonly remainingRequests: number | null
  readonly limitInputTokens: number | null
  readonly remainingInputTokens: number | null
  /** Whole seconds until the window is fresh again; 0 where it is. */
  readonly resetS: number
}

/** A place in the window, and a slot until it ends. Exactly one of `commit` and `cancel` counts, once; every further call is without effect. */
export interface Accepted {
  readonly ok: true
  readonly snapshot: LimitSnapshot
  /** The request was served: it stays counted in the window it was taken from, with its true input. */
  commit(actual: { readonly inputTokens: number }): void
  /** It was not, and takes nothing from the window. */
  cancel(): void
}

export interface Refused {
  readonly ok: false
  /** Whose limit it was. */
  readonly scope: 'key' | 'account'
  /** `exceeds_tier`: this request alone is larger than a whole window. */
  readonly reason: 'requests' | 'tokens' | 'streams' | 'concurrent' | 'exceeds_tier'
  /** Whole seconds, at least 1, for a slot a guess; null where waiting cannot help. */
  readonly retryAfterS: number | null
  readonly snapshot: LimitSnapshot
}

export type Reservation = Accepted | Refused

/** Who may call now. Sharing it between processes is a matter of the implementation. */
export interface Limiter {
  /** Takes a place, or says why not; a refusal takes nothing. */
  reserve(ask: LimitAsk): Promise<Reservation>
  /** What `reserve` would find now, for answers that take no place. Takes nothing. */
  peek(ask: Pick<LimitAsk, 'keyId' | 'limits'>): Promise<LimitSnapshot>
}
