import type { EndedCall } from '../metrics/observer.js'

/** A request that was answered at once. */
export const endedCall: EndedCall = {
  provider: 'p',
  model: 'm',
  status: 'complete',
  tokens: { input: 0, output: 0, cache_read: 0, cache_write: 0 },
  credits: 0,
  uncollected: 0,
  firstTokenMs: 1,
  latencyMs: 1,
  requestId: 'req_1',
  origin: { path: '/v1/messages', trace: {} },
  startedAtMs: 0,
  endedAtMs: 1,
  tries: []
}
