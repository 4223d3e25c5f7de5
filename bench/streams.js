/* Long streams through the gateway, each chunk by itself, everything durable, beside a raw node:http pass-through. */
import { startPart } from './lib/part.js'
import { auditAll, cpuUsBetween, startProxies } from './lib/proxies.js'
import { judged } from './lib/report.js'
import { median } from './lib/stats.js'

const STREAMS = [32, 256]
const AIM = 0.75
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)
const ROUND_MS = 1_500
/** Node runs code slowly until it has run it some ten thousand times. */
const WARM_UP_MS = 5_000

/**
 * Yields a line for each number of streams; somebody else's gateway, which may take half a minute for one
 * round, has one round of the first number. Throws when the ledger does not add up afterwards.
 */
export async function* bench({ peers = [] } = {}) {
  const ends = await startPart('stream-ends', { core: 0 })
  const proxies = await startProxies(ends.ready.url, { peers: peers.filter(({ answersStreams }) => answersStreams) })
  try {
    for (const proxy of proxies) await measure(ends, proxy, { streams: 32, forMs: WARM_UP_MS })
    for (const streams of STREAMS) {
      const rounds = []
      for (let i = 0; i < ROUNDS; i++) {
        const round = []
        for (const proxy of proxies) {
          if (!proxy.isPeer || (i === 0 && streams === STREAMS[0]))
            round.push(await measure(ends, proxy, { streams, forMs: ROUND_MS }))
        }
        rounds.push(round)
      }
      for (const [of, proxy] of proxies.entries()) {
        const measured = rounds.filter((round) => of in round)
        if (of > 0 && measured.length > 0) yield lineOf(measured, { streams, of, ...proxy })
      }
    }
    await auditAll(proxies)
  } finally {
    for (const part of [...proxies, ends]) await part.stop()
  }
}

async function measure(ends, proxy, how) {
  const before = await proxy.ask({})
  const { streams, chunks, ms } = await ends.ask({ to: proxy.ready, run: how })
  const after = await proxy.ask({})
  return { perSecond: (streams / ms) * 1000, cpuUs: cpuUsBetween(before, after) / chunks }
}

function lineOf(rounds, { streams, of, name, isOurs }) {
  const typical = (value) => median(rounds.map(value))
  const cpuUs = typical((round) => round[of].cpuUs)
  return {
    what: `${name}, streams of 200 chunks, ${streams} at once`,
    measured: `${typical((round) => round[of].perSecond).toFixed(0)}/s`,
    yardstick: `${typical(([raw]) => raw.perSecond).toFixed(0)}/s`,
    ...judged(
      typical((round) => round[of].perSecond / round[0].perSecond),
      { aim: isOurs && AIM }
    ),
    note: `CPU ${cpuUs.toFixed(1)} µs a chunk, raw ${typical(([raw]) => raw.cpuUs).toFixed(1)} µs; a chunk is sent once the one before has arrived`
  }
}
