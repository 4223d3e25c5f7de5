/** Limits that an operator set by hand: null is no limit, what is left out stays as the tier or the catalog says. */
export interface LimitSettings {
  readonly requests_per_minute?: number | null | undefined
  readonly input_tokens_per_minute?: number | null | undefined
  readonly concurrent_streams?: number | null | undefined
}

/** What an operator set for one account. */
export interface AccountLimitSettings {
  /** Of each of its keys, in place of its tier's. */
  readonly key?: LimitSettings | undefined
  /** Of all its keys together, in place of the catalog's ceiling. */
  readonly account?: LimitSettings | undefined
}
