import { createRegistry } from './instruments.js'
import type { CallObserver, Way } from './observer.js'

/** Seconds: from a cached word to the longest answer. */
const LATENCY_BOUNDS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600]
const COMMIT_BOUNDS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
const BATCH_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 400]

/** What is told as it stands when it is asked for. */
export interface LiveState {
  readonly breakers: readonly (Way & { readonly state: 'closed' | 'half-open' | 'open' })[]
  readonly keysAside: readonly { readonly provider: string; readonly count: number }[]
  readonly requestsInFlight: number
  readonly openStreams: number
}

export type Metrics = ReturnType<typeof createMetrics>

/** What this process has done since it started, for Prometheus. `timerMs` measures durations alone. */
export function createMetrics({ timerMs = () => performance.now() }: { timerMs?: () => number } = {}) {
  const registry = createRegistry()
  const calls = callInstruments(registry)
  const refusals = registry.counter({ name: 'caicaini_refusals_total', help: 'Answers that were an error, by code.' })
  const batches = registry.histogram({
    name: 'caicaini_ledger_batch_operations',
    help: 'Operations that one commit of the ledger took.',
    bounds: BATCH_BOUNDS
  })
  const commits = registry.histogram({
    name: 'caicaini_ledger_commit_seconds',
    help: 'Time from the start of a transaction of the ledger to its commit.',
    bounds: COMMIT_BOUNDS_S
  })
  const setLive = liveInstruments(registry)
  return {
    calls,
    refused: (code: string) => refusals.add({ code }),

    /** A transaction of the ledger begins; call the result once it is committed. */
    batchBegins(operations: number): () => void {
      const fromMs = timerMs()
      return () => {
        batches.observe({}, operations)
        commits.observe({}, (timerMs() - fromMs) / 1000)
      }
    },

    text(live: LiveState): string {
      setLive(live)
      return registry.text()
    }
  }
}

type Registry = ReturnType<typeof createRegistry>

function callInstruments(registry: Registry): CallObserver {
  const counter = (name: string, help: string) => registry.counter({ name, help })
  const latency = (name: string, help: string) => registry.histogram({ name, help, bounds: LATENCY_BOUNDS_S })
  const requests = counter('caicaini_requests_total', 'Requests that ended, by the status of their receipt.')
  const tokens = counter('caicaini_tokens_total', 'Tokens of ended requests, by kind.')
  const credits = counter('caicaini_credits_total', 'Credits charged.')
  const uncollected = counter('caicaini_uncollected_credits_total', 'Credits of answers that no balance covered.')
  const firstToken = latency('caicaini_first_token_seconds', 'From asking the provider to its first content.')
  const total = latency('caicaini_request_seconds', 'From asking the provider to the end of the request.')
  const errors = counter('caicaini_upstream_errors_total', 'Failures of providers, those that were tried again too.')
  return {
    asked: () => undefined,
    failed: ({ provider, code }) => errors.add({ provider, code }),
    ended(call) {
      const { provider, model, status, firstTokenMs, latencyMs } = call
      requests.add({ model, provider, status })
      for (const [kind, count] of Object.entries(call.tokens)) tokens.add({ kind }, count)
      credits.add({}, call.credits)
      uncollected.add({}, call.uncollected)
      if (firstTokenMs !== null) firstToken.observe({ provider }, firstTokenMs / 1000)
      total.observe({ provider }, latencyMs / 1000)
    }
  }
}

const STATES = { closed: 0, 'half-open': 1, open: 2 } as const

function liveInstruments(registry: Registry): (live: LiveState) => void {
  const gauge = (name: string, help: string) => registry.gauge({ name, help })
  const breakers = gauge('caicaini_breaker_state', '0: the model is asked; 1: its next request decides; 2: it is not.')
  const keys = gauge('caicaini_keys_set_aside', 'Keys of a provider that it refused and that wait to be tried again.')
  const inFlight = gauge('caicaini_requests_in_flight', 'Requests that were admitted and have not ended.')
  const streams = gauge('caicaini_open_streams', 'Those of them that are streamed.')
  return (live) => {
    breakers.set(live.breakers.map(({ state, ...labels }) => ({ labels, value: STATES[state] })))
    keys.set(live.keysAside.map(({ provider, count }) => ({ labels: { provider }, value: count })))
    inFlight.set([{ labels: {}, value: live.requestsInFlight }])
    streams.set([{ labels: {}, value: live.openStreams }])
  }
}
