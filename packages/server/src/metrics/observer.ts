/** A model, by its entry's id in the catalog, and the provider that is asked for it. Never a name that a customer made up. */
export interface Way {
  readonly provider: string
  readonly model: string
}

/** How a request ended: figures alone, and nobody's name. */
export interface EndedCall extends Way {
  /** As in its receipt. */
  readonly status: string
  readonly tokens: Readonly<Record<'input' | 'output' | 'cache_read' | 'cache_write', number>>
  readonly credits: number
  readonly uncollected: number
  /** From the moment that the provider was asked; null where it said nothing. */
  readonly firstTokenMs: number | null
  readonly latencyMs: number
  readonly requestId: string
  readonly origin: Origin
  /** When it came, and when it was settled. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** Each time that a provider was asked, oldest first. */
  readonly tries: readonly Try[]
}

/** Where a request came in. */
export interface Origin {
  readonly path: string
  /** The trace that its client follows it by (W3C, Trace Context), where it brings one. */
  readonly trace: { readonly traceparent?: string; readonly tracestate?: string }
}

export interface Try extends Way {
  readonly startedAtMs: number
  /** Null while it runs. */
  readonly endedAtMs: number | null
  /** Why it failed; null where it did not. */
  readonly code: string | null
}

/** Told of what calls to providers come to. */
export interface CallObserver {
  /** The provider is asked; a request that is tried again asks again. */
  asked(way: Way): void
  /** It failed: before it said anything, or `inAnswer`, in the middle of what it says. */
  failed(way: Way & { readonly code: string; readonly inAnswer: boolean }): void
  ended(call: EndedCall): void
}

/** For a call that nobody watches. */
export const NOBODY: CallObserver = { asked: () => {}, failed: () => {}, ended: () => {} }

/** Everyone is told. */
export function observeAll(observers: readonly CallObserver[]): CallObserver {
  return {
    asked: (way) => observers.forEach((each) => void each.asked(way)),
    failed: (way) => observers.forEach((each) => void each.failed(way)),
    ended: (call) => observers.forEach((each) => void each.ended(call))
  }
}
