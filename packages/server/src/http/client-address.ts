import { BlockList, isIP, isIPv4 } from 'node:net'

/** Loopback: a proxy on the same machine. */
const TRUSTED_DEFAULT = '127.0.0.0/8,::1'
const LOOPBACK = parseTrustedProxies(TRUSTED_DEFAULT)

/** Addresses and CIDRs, separated by commas, whose word about the client's address is taken. Throws `RangeError` that names a bad one. */
export function parseTrustedProxies(text = TRUSTED_DEFAULT): BlockList {
  const list = new BlockList()
  for (const entry of text.split(',').map((each) => each.trim())) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = familyOf(address)
    const bits = prefix === undefined ? bitsOf(family) : Number(prefix)
    const isGood = isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix ?? '0') && bits <= bitsOf(family)
    if (!isGood) throw new RangeError(`"${entry}" is no address or CIDR such as 10.0.0.0/8 or ::1`)
    list.addSubnet(address, bits, family)
  }
  return list
}

/**
 * Where a request comes from, as refusals are counted by it: an IPv4 address whole, an IPv6 one as its /64.
 * The peer, or where that is a trusted proxy, the right-most address of `x-forwarded-for` that is none.
 * Null where nobody in particular can be meant: no socket, or a program on this machine without a proxy.
 */
export function clientAddress(
  { peer, forwardedFor }: { peer: string | undefined; forwardedFor: string | undefined },
  trusted: BlockList
): string | null {
  const socket = peer === undefined ? undefined : plain(peer)
  if (socket === undefined) return null
  if (!contains(trusted, socket)) return contains(LOOPBACK, socket) ? null : networkOf(socket)
  // Each proxy appends whom it was called by: from the right, the first that is no proxy of ours is the client.
  for (const hop of (forwardedFor ?? '').split(',').toReversed()) {
    const address = plain(withoutPort(hop.trim()))
    // What is further left was written by whoever wrote this, and is worth as much.
    if (address === undefined) return null
    if (!contains(trusted, address)) return networkOf(address)
  }
  return null
}

/** An address without its zone, an IPv4-mapped one as IPv4; undefined where it is none. */
function plain(text: string): string | undefined {
  const [address = ''] = text.split('%')
  if (isIP(address) === 0) return undefined
  if (isIPv4(address)) return address
  const groups = groupsOf(address)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped) return address
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.')
}

/** Some proxies append the port: `203.0.113.7:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const [, bracketed, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? []
  return bracketed ?? v4 ?? text
}

function networkOf(address: string): string {
  if (isIPv4(address)) return address
  const network = groupsOf(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const front = readGroups(head)
  if (tail === undefined) return front
  const back = readGroups(tail)
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back]
}

function readGroups(text: string): number[] {
  return text.split(':').flatMap((group) => {
    if (group === '') return []
    if (!isIPv4(group)) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}

function bitsOf(family: 'ipv4' | 'ipv6'): number {
  return family === 'ipv4' ? 32 : 128
}
