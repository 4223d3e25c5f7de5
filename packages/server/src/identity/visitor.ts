import type { BlockList } from 'node:net'
import { clientAddress } from '../http/client-address.js'
import type { HttpEnv } from '../http/context.js'
import type { Origin } from '../sessions/session.js'

const AGENT_CHARS_MAX = 300

/** Who is asking, as far as the request itself says so. */
export interface Visitor extends Origin {
  /** Headers by which browsers differ, coarsely. */
  readonly traits: readonly string[]
}

/** What of a request's context is looked at. */
interface Asked {
  readonly req: { header(name: string): string | undefined }
  readonly env?: HttpEnv['Bindings']
}

export function visitorOf(c: Asked, trustedProxies: BlockList): Visitor {
  const header = (name: string) => c.req.header(name) ?? ''
  const asked = { peer: c.env?.peer, forwardedFor: c.req.header('x-forwarded-for') }
  return {
    agent: header('user-agent').slice(0, AGENT_CHARS_MAX),
    address: clientAddress(asked, trustedProxies),
    traits: ['user-agent', 'accept-language', 'sec-ch-ua', 'sec-ch-ua-platform', 'accept-encoding'].map((name) =>
      header(name).slice(0, AGENT_CHARS_MAX)
    )
  }
}
