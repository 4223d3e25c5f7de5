/* What open streams take that say nothing: the first event has come, the provider is silent. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startPart } from './lib/part.js'
import { auditAll, startProxies } from './lib/proxies.js'

const STREAMS = 1_000
/** Of somebody else's gateway: those that were tried take minutes to open a thousand. */
const STREAMS_OF_A_PEER = 100
const AIM_MB = 300
/** Until what the opening left behind is gone. */
const REST_MS = 1_000

export async function* bench({ peers = [] } = {}) {
  const ends = await startPart('stream-ends', { core: 0 })
  const proxies = await startProxies(ends.ready.url, {
    peers: peers.filter(({ answersStreams }) => answersStreams),
    nodeArgs: ['--expose-gc']
  })
  try {
    const measured = []
    for (const proxy of proxies) measured.push(await measure(ends, proxy))
    const [raw] = measured
    for (const [of, proxy] of proxies.entries()) if (of > 0) yield lineOf({ ...proxy, raw, took: measured[of] })
    await auditAll(proxies)
  } finally {
    for (const part of [...proxies, ends]) await part.stop()
  }
}

/** Bytes above those of the process before its first request. */
async function measure(ends, proxy) {
  const { memory: before } = await proxy.ask({ memory: true })
  const streams = proxy.isPeer ? STREAMS_OF_A_PEER : STREAMS
  await ends.ask({ to: proxy.ready, open: streams })
  await sleep(REST_MS)
  const { memory } = await proxy.ask({ memory: true })
  await ends.ask({ finish: true })
  return { streams, rss: memory.rss - before.rss, heap: memory.heap - before.heap }
}

function lineOf({ name, isOurs, took, raw }) {
  const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`
  const each = (bytes, streams) => (Number.isNaN(bytes) ? '?' : (bytes / 1e3 / streams).toFixed(0))
  return {
    what: `${name}, ${took.streams} silent streams, resident`,
    measured: mb(took.rss),
    yardstick: mb(raw.rss),
    ratio: `${(took.rss / took.streams / (raw.rss / raw.streams)).toFixed(2)} ×`,
    ...(isOurs && { aim: `≤ ${AIM_MB} ${took.rss <= AIM_MB * 1e6 ? '✓' : '✗'}` }),
    note: `${each(took.rss, took.streams)} kB a stream, of them ${each(took.heap, took.streams)} kB in use; raw ${each(raw.rss, raw.streams)} and ${each(raw.heap, raw.streams)} kB`
  }
}
