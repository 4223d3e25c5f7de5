import { isIPv6 } from 'node:net'
import type { Origin } from './session.js'

/** Whether this browser, or the network that it is in, is not among the known; the one that has just begun is among them once. Pure. */
export function isNewOrigin(origin: Origin, known: readonly Origin[]): boolean {
  const times = (of: (each: Origin) => string) => known.filter((each) => of(each) === of(origin)).length
  return times(browserOf) < 2 || times(networkOf) < 2
}

/** What stays when a browser updates itself. */
function browserOf({ agent }: Origin): string {
  return agent.toLowerCase().replace(/\d+/g, '#')
}

/** Addresses change within a network without anybody's doing: /24, and /48 of IPv6. */
function networkOf({ address }: Origin): string {
  if (address === null) return 'here'
  const [plain = ''] = address.split('/')
  if (!isIPv6(plain)) return plain.split('.').slice(0, 3).join('.')
  const [head = ''] = plain.split('::')
  return [...head.split(':'), '0', '0', '0'].slice(0, 3).join(':')
}
