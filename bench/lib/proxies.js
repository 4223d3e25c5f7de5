import { startPart } from './part.js'

/**
 * Starts what is measured, all on the second core: raw `node:http` first, then this build of the server,
 * another build of it where `BENCH_AGAINST` names one (before and after a change), and `peers`, which are
 * other people's gateways. Those of ours can be audited.
 */
export async function startProxies(upstreamUrl, { peers = [], nodeArgs = [] } = {}) {
  const { BENCH_BUILD: build, BENCH_AGAINST: other, BENCH_NODE_ARGS: profiling } = process.env
  const proxies = []
  const start = async (name, part, { isOurs = false, isPeer = false, ...options } = {}) => {
    const started = await startPart(part, { core: 1, options: { upstreamUrl, nodeArgs, ...options } })
    proxies.push({ name, isOurs, isPeer, ...started })
  }
  await start('raw', 'raw-proxy')
  await start('ours', 'caicaini', { isOurs: true, build, nodeArgs: [...nodeArgs, ...(profiling?.split(' ') ?? [])] })
  if (other) await start('the other build', 'caicaini', { isOurs: true, build: other })
  for (const { name, part } of peers) await start(name, part, { isPeer: true })
  return proxies
}

/** Throws where the books of one of our servers do not add up, or something is still held. */
export async function auditAll(proxies) {
  for (const { ask, isOurs } of proxies) {
    if (!isOurs) continue
    const report = await ask({ audit: true })
    if (report.differences.length > 0 || report.holds_open > 0) {
      throw new Error(`the ledger does not add up: ${JSON.stringify(report)}`)
    }
  }
}

/** CPU microseconds that a process took from one reading to the next. */
export function cpuUsBetween({ cpu: before }, { cpu: after }) {
  return after.user + after.system - before.user - before.system
}
