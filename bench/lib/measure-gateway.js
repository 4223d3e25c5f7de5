import { cpuUsBetween } from './proxies.js'

/** Loads a proxy of requests for `forMs`: requests a second, and its CPU for each. */
export async function measureGateway(load, proxy, { connections, forMs }) {
  const before = await proxy.ask({})
  const { requests, ms } = await load.ask({ ...proxy.ready, connections, forMs })
  const after = await proxy.ask({})
  return { perSecond: (requests / ms) * 1000, cpuUs: cpuUsBetween(before, after) / requests }
}
