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
  // Another build, measured in turn with this one: before and after a change.
  const builds = [process.env.BENCH_BUILD, process.env.BENCH_AGAINST].slice(0, process.env.BENCH_AGAINST ? 2 : 1)
  const servers = []
  for (const build of builds) servers.push(await startPart('caicaini', { core: 1, options: { upstreamUrl, build } }))
  try {
    const targets = [upstream, raw, ...servers].map(({ ready }) => ready)
    await load.ask({ targets, ...WARM_UP })
    const { times } = await load.ask({ targets, connections: CONNECTIONS, forMs: MEASURE_MS })
    const [direct, passed, ...ours] = times
    for (const [i, each] of ours.entries()) {
      const who = i === 0 ? 'first byte of a stream' : 'the other build'
      yield addedLine(`${who}, median, added`, { direct, passed, each, share: 0.5, aim: AIM_MS })
      yield addedLine(`${who}, 99th percentile, added`, { direct, passed, each, share: 0.99 })
    }
  } finally {
    for (const part of [...servers, raw, load, upstream]) await part.stop()
  }
}

function addedLine(what, { direct, passed, each, share, aim }) {
  const base = quantile(direct, share)
  const ms = quantile(each, share) - base
  return {
    what,
    measured: `${ms.toFixed(2)} ms`,
    yardstick: `${(quantile(passed, share) - base).toFixed(2)} ms`,
    ...(aim && { aim: `≤ ${aim} ms ${ms <= aim ? '✓' : '✗'}` }),
    note: `an upstream of ${UPSTREAM_MS} ms, ${CONNECTIONS} streams at once, ${each.length} of them ours; the yardstick is raw node:http`
  }
}
