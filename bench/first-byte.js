/* What the gateway adds to the time until a stream's first byte, its hold durable by then. */
import { medianSyncMs } from './lib/disk.js'
import { startPart } from './lib/part.js'
import { auditAll, startProxies } from './lib/proxies.js'
import { quantile } from './lib/stats.js'

const UPSTREAMS_MS = [0, 50]
const CONNECTIONS_A_TARGET = 3
/** From one stream's start to the next on its connection: as many a second, however slow the upstream is. */
const EVERY_MS = 60
const MEASURE_MS = 15_000
/** Node runs code slowly until it has run it some thousand times. */
const WARM_UP = { connections: 64, everyMs: 0, forMs: 6_000 }
const AIMS = [
  { what: 'median', share: 0.5, aimMs: 0.5 },
  { what: '99th percentile', share: 0.99, aimMs: 3 }
]

export async function* bench({ peers = [] } = {}) {
  for (const delayMs of UPSTREAMS_MS) {
    const upstream = await startPart('slow-upstream', { core: 0, options: { delayMs } })
    const load = await startPart('stream-load', { core: 0 })
    const proxies = await startProxies(upstream.ready.url, {
      peers: peers.filter(({ answersStreams }) => answersStreams)
    })
    try {
      const own = proxies.filter(({ isPeer }) => !isPeer)
      const { direct, times } = await measure(load, [upstream, ...own])
      const [raw, ...ours] = times
      const syncMs = medianSyncMs()
      for (const [i, each] of ours.entries()) yield* addedLines({ direct, raw, each, delayMs, syncMs, ...own[i + 1] })
      // By itself each: one that is busy for milliseconds would keep the others waiting.
      for (const peer of proxies.filter(({ isPeer }) => isPeer)) {
        const { direct, times } = await measure(load, [upstream, peer])
        yield* addedLines({ direct, raw, each: times[0], delayMs, syncMs, ...peer })
      }
      await auditAll(proxies)
    } finally {
      for (const part of [...proxies, load, upstream]) await part.stop()
    }
  }
}

/** The times until the first byte, those of the upstream itself apart. */
async function measure(load, parts) {
  const targets = parts.map(({ ready }) => ready)
  await load.ask({ targets, ...WARM_UP })
  const connections = CONNECTIONS_A_TARGET * targets.length
  const { times } = await load.ask({ targets, connections, everyMs: EVERY_MS, forMs: MEASURE_MS })
  const [direct, ...others] = times
  return { direct, times: others }
}

function addedLines(measured) {
  return AIMS.map((aim) => addedLine({ ...measured, ...aim }))
}

function addedLine({ direct, raw, each, delayMs, syncMs, name, isOurs, what, share, aimMs }) {
  const base = quantile(direct, share)
  const ms = quantile(each, share) - base
  return {
    what: `${name}, first byte after ${delayMs} ms, ${what}`,
    measured: `+${ms.toFixed(2)} ms`,
    yardstick: `+${(quantile(raw, share) - base).toFixed(2)} ms`,
    ...(isOurs && { aim: `≤ ${aimMs} ms ${ms <= aimMs ? '✓' : '✗'}` }),
    note: `${CONNECTIONS_A_TARGET} streams at once, ${each.length} in all; asked directly it takes ${base.toFixed(2)} ms, a page on disk ${syncMs.toFixed(2)} ms`
  }
}
