/* Plain requests a second through the gateway, everything durable, beside a raw node:http pass-through. */
import { measureGateway } from './lib/measure-gateway.js'
import { startPart } from './lib/part.js'
import { auditAll, startProxies } from './lib/proxies.js'
import { judged } from './lib/report.js'
import { median } from './lib/stats.js'

const CONNECTIONS = [
  { connections: 32, aim: 0.3 },
  { connections: 256, aim: 0.5 }
]
/** Short and many: what else the machine does comes and goes within seconds, and should meet both of a pair. */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)
const ROUND_MS = 1_000
/** Node runs code slowly until it has run it some ten thousand times. */
const WARM_UP_MS = 6_000
const SETTLE_IN_MS = 1_000

/** Yields a line for each number of connections; throws when the ledger does not add up afterwards. */
export async function* bench({ peers } = {}) {
  const upstream = await startPart('upstream', { core: 0 })
  const load = await startPart('load', { core: 0 })
  const proxies = await startProxies(upstream.ready.url, { peers })
  try {
    for (const proxy of proxies) await measureGateway(load, proxy, { connections: 256, forMs: WARM_UP_MS })
    for (const { connections, aim } of CONNECTIONS) {
      for (const proxy of proxies) await measureGateway(load, proxy, { connections, forMs: SETTLE_IN_MS })
      const rounds = []
      for (let i = 0; i < ROUNDS; i++) {
        const round = []
        for (const proxy of proxies) round.push(await measureGateway(load, proxy, { connections, forMs: ROUND_MS }))
        rounds.push(round)
      }
      for (const [of, proxy] of proxies.entries()) if (of > 0) yield lineOf(rounds, { connections, aim, of, ...proxy })
    }
    await auditAll(proxies)
  } finally {
    for (const part of [...proxies, load, upstream]) await part.stop()
  }
}

function lineOf(rounds, { connections, aim, of, name, isOurs }) {
  const typical = (value) => median(rounds.map(value))
  const rawUs = typical(([raw]) => raw.cpuUs)
  const cpuUs = typical((round) => round[of].cpuUs)
  return {
    what: `${name}, requests, ${connections} connections`,
    measured: `${typical((round) => round[of].perSecond).toFixed(0)}/s`,
    yardstick: `${typical(([raw]) => raw.perSecond).toFixed(0)}/s`,
    ...judged(
      typical((round) => round[of].perSecond / round[0].perSecond),
      { aim: isOurs && aim }
    ),
    note: `CPU ${cpuUs.toFixed(0)} µs a request, raw ${rawUs.toFixed(0)} µs`
  }
}
