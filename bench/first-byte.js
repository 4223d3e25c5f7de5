/* What the gateway adds to the time until a stream's first byte, its hold durable by then. */
import { startPart } from './lib/part.js'
import { quantile } from './lib/stats.js'

const UPSTREAM_MS = 50
const CONNECTIONS = 9
const MEASURE_MS = 15_000
/** Node runs code slowly until it has run it some thousand times. */
const WARM_UP = { connections: 192, forMs: 6_000 }
const AIM_MS = 0.5

export async function* bench() {
  const upstream = await startPart('slow-upstream', { core: 0, options: { delayMs: UPSTREAM_MS } })
  const load = await startPart('stream-load', { core: 0 })
  const upstreamUrl = upstream.ready.url
  const raw = await startPart('raw-proxy', { core: 1, options: { upstreamUrl } })
  const ours = await startPart('caicaini', { core: 1, options: { upstreamUrl, build: process.env.BENCH_BUILD } })
  try {
    const targets = [upstream.ready, raw.ready, ours.ready]
    await load.ask({ targets, ...WARM_UP })
    const { times } = await load.ask({ targets, connections: CONNECTIONS, forMs: MEASURE_MS })
    for (const { name, share, aim } of [
      { name: 'median', share: 0.5, aim: AIM_MS },
      { name: '99th percentile', share: 0.99 }
    ]) {
      const [direct, passed, added] = times.map((each) => quantile(each, share))
      const ms = added - direct
      yield {
        what: `first byte of a stream, ${name}, added`,
        measured: `${ms.toFixed(2)} ms`,
        yardstick: `${(passed - direct).toFixed(2)} ms`,
        ...(aim && { aim: `≤ ${aim} ms ${ms <= aim ? '✓' : '✗'}` }),
        note: `an upstream of ${UPSTREAM_MS} ms, ${CONNECTIONS} streams at once, ${times[2].length} of them ours; the yardstick is raw node:http`
      }
    }
  } finally {
    for (const part of [ours, raw, load, upstream]) await part.stop()
  }
}
