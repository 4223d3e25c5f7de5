/*
 * Durable holds and settles a second, chain and limiter included, beside the bare database; and what
 * the ledger costs a request of the gateway: the server beside the same server without its ledger.
 */
import { bundlePart } from './lib/bundle.js'
import { measureGateway } from './lib/measure-gateway.js'
import { startPart } from './lib/part.js'
import { median } from './lib/stats.js'

const IN_FLIGHT = [32, 256, 2_000]
const ACCOUNTS = [1, 1_000]
const CONNECTIONS = [32, 256]
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9)
const ROUND_MS = 500
const WARM_UP_MS = 4_000
const GATEWAY_WARM_UP_MS = 6_000
/** Of the ledger: what it puts in one transaction at most. */
const BATCH_OPS_MAX = 400
const AIM_SETTLES = 20_000
const AIM_PAIR_US = 60

/** Yields a line for each figure; throws when a ledger does not add up afterwards. */
export async function* bench() {
  yield* queueLines()
  yield* gatewayLines()
}

async function* queueLines() {
  const file = await bundlePart('ledger')
  const nodeArgs = process.env.BENCH_NODE_ARGS?.split(' ')
  const ours = await startPart('ledger', { core: 1, file, options: { nodeArgs } })
  // A bundle of another state of the sources, measured in turn with this one: before and after a change.
  const against = process.env.BENCH_LEDGER_AGAINST
  const other = against && (await startPart('ledger', { core: 1, file: against }))
  const parts = [ours, ...(other ? [other] : [])]
  try {
    for (const part of parts) await part.ask({ pairs: { inFlight: 256, accounts: 1_000, forMs: WARM_UP_MS } })
    for (const accounts of ACCOUNTS) {
      for (const inFlight of IN_FLIGHT) yield* queueLinesOf(parts, { accounts, inFlight })
    }
    for (const part of parts) mustAddUp(await part.ask({ audit: true }))
  } finally {
    for (const part of parts) await part.stop()
  }
}

async function* queueLinesOf(parts, { accounts, inFlight }) {
  const rounds = []
  for (let i = 0; i < ROUNDS; i++) {
    const batchOps = Math.min(inFlight, BATCH_OPS_MAX)
    const bare = await parts[0].ask({ bareOps: { batchOps, accounts, forMs: ROUND_MS / 2 } })
    const round = { bare, pairs: [], settles: [] }
    for (const part of parts) {
      round.pairs.push(await part.ask({ pairs: { inFlight, accounts, forMs: ROUND_MS } }))
      round.settles.push(await part.ask({ settles: { inFlight, accounts } }))
    }
    rounds.push(round)
  }
  for (const i of parts.keys()) yield lineOf(rounds, { i, accounts, inFlight })
}

function lineOf(rounds, { i, accounts, inFlight }) {
  const typical = (value) => median(rounds.map(value))
  const pairUs = typical(({ pairs }) => pairs[i].cpuUs)
  const settles = typical((round) => round.settles[i].perSecond)
  const mark = (met) => (met ? '✓' : '✗')
  return {
    what: `${i === 0 ? 'hold + settle' : 'the other state'}, ${inFlight} in flight, ${accounts} account${accounts > 1 ? 's' : ''}`,
    measured: `${typical(({ pairs }) => pairs[i].perSecond).toFixed(0)}/s`,
    yardstick: `${typical(({ bare }) => bare.perSecond / 2).toFixed(0)}/s`,
    ratio: `${typical(({ pairs, bare }) => pairs[i].perSecond / (bare.perSecond / 2)).toFixed(2)} ×`,
    aim: `${AIM_PAIR_US} µs ${mark(pairUs <= AIM_PAIR_US)}`,
    note: `CPU ${pairUs.toFixed(0)} µs a pair, bare ${(typical(({ bare }) => bare.cpuUs) * 2).toFixed(0)} µs; settles alone ${settles.toFixed(0)}/s ${mark(settles >= AIM_SETTLES)}`
  }
}

async function* gatewayLines() {
  const without = await bundlePart('server-without-ledger', {
    replace: { source: 'packages/server/src/ledger/service.ts', by: 'bench/parts/no-ledger.js' }
  })
  const upstream = await startPart('upstream', { core: 0 })
  const load = await startPart('load', { core: 0 })
  const options = { upstreamUrl: upstream.ready.url }
  const off = await startPart('caicaini', { core: 1, options: { ...options, build: without } })
  const builds = [process.env.BENCH_BUILD, process.env.BENCH_AGAINST].slice(0, process.env.BENCH_AGAINST ? 2 : 1)
  const on = []
  for (const build of builds) on.push(await startPart('caicaini', { core: 1, options: { ...options, build } }))
  const servers = [off, ...on]
  try {
    for (const server of servers) await measureGateway(load, server, { connections: 256, forMs: GATEWAY_WARM_UP_MS })
    for (const connections of CONNECTIONS) {
      const rounds = []
      for (let i = 0; i < ROUNDS; i++) {
        const round = []
        for (const server of servers) {
          round.push(await measureGateway(load, server, { connections, forMs: ROUND_MS * 2 }))
        }
        rounds.push(round)
      }
      for (const i of on.keys()) yield gatewayLine(rounds, { of: i + 1, connections })
    }
    for (const server of on) mustAddUp(await server.ask({ audit: true }))
  } finally {
    for (const part of [...servers, load, upstream]) await part.stop()
  }
}

function gatewayLine(rounds, { of, connections }) {
  const typical = (value) => median(rounds.map(value))
  const spentUs = typical((round) => round[of].cpuUs - round[0].cpuUs)
  return {
    what: `${of === 1 ? "the ledger's part of a request" : 'in the other build'}, ${connections} connections`,
    measured: `${spentUs.toFixed(0)} µs`,
    yardstick: `${typical(([off]) => off.cpuUs).toFixed(0)} µs`,
    ratio: `${typical((round) => round[of].perSecond / round[0].perSecond).toFixed(2)} ×`,
    aim: `≤ ${AIM_PAIR_US} µs ${spentUs <= AIM_PAIR_US ? '✓' : '✗'}`,
    note: 'CPU; the yardstick is the same server without its ledger, the ratio that of requests a second with to without'
  }
}

function mustAddUp({ differences, holds_open: open = 0 }) {
  if (differences.length > 0 || open > 0) throw new Error(`the ledger does not add up: ${JSON.stringify(differences)}`)
}
