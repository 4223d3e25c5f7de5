/** How a key was used in a while: names and figures, never what anybody wrote. */
export interface KeyWindow {
  readonly keyId: string
  readonly fromMs: number
  /** Networks that it came from: /24 of IPv4, /64 of IPv6. */
  readonly networks: ReadonlySet<string>
  /** Programs that said they used it. */
  readonly clients: ReadonlySet<string>
  /** Hashes of the ids by which a program tells its own users apart. */
  readonly endUsers: ReadonlySet<string>
  /** In the present minute, by a hash of what they begin with: conversations that began. */
  readonly begun: ReadonlyMap<string, number>
}

export interface Signal {
  readonly kind: 'many_places' | 'resale' | 'scraping' | 'key_pattern' | 'refusals' | 'steady'
  readonly evidence: Readonly<Record<string, unknown>>
}

/** In an hour, but for the last. Generous: each is but a reason to look. */
const LIMITS = { networks: 10, endUsers: 30, clients: 15, begunAMinute: 200 } as const
/** Keys of one name but for figures, in one account. */
const NAMED_ALIKE = 10
/** Answers that the provider's own safety ended, of one account in an hour. */
export const REFUSED_ANSWERS = 20

/** What of a key's use an operator should look at. */
export function signalsOf({ keyId, networks, clients, endUsers, begun }: KeyWindow): Signal[] {
  const most = Math.max(0, ...begun.values())
  return [
    ...(networks.size >= LIMITS.networks
      ? [{ kind: 'many_places', evidence: { key: keyId, networks_in_an_hour: networks.size } } as const]
      : []),
    ...(endUsers.size >= LIMITS.endUsers || clients.size >= LIMITS.clients
      ? [
          {
            kind: 'resale',
            evidence: { key: keyId, users_in_an_hour: endUsers.size, programs_in_an_hour: clients.size }
          } as const
        ]
      : []),
    ...(most >= LIMITS.begunAMinute
      ? [{ kind: 'scraping', evidence: { key: keyId, conversations_begun_alike_in_a_minute: most } } as const]
      : [])
  ]
}

/** Many keys on one pattern: `bot-1`, `bot-2`, … */
export function keyPatternOf(names: readonly string[]): Signal | undefined {
  const counts = new Map<string, number>()
  for (const name of names) {
    const pattern = name.toLowerCase().replace(/\d+/g, '#')
    if (pattern.includes('#')) counts.set(pattern, (counts.get(pattern) ?? 0) + 1)
  }
  const [found] = [...counts].filter(([, count]) => count >= NAMED_ALIKE)
  return found && { kind: 'key_pattern', evidence: { pattern: found[0], keys: found[1] } }
}

/** The network that an address is of, so that a phone on its way is not many places. */
export function networkOf(address: string): string {
  return address.includes(':') ? address : `${address.split('.').slice(0, 3).join('.')}.0/24`
}
