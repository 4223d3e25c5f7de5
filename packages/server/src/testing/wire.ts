import { createUsageTap } from '../gateway/usage/tap.js'
import type { Wire } from '../gateway/wires.js'

/** A wire of Anthropic's format, for calls whose bytes nobody looks at. */
export function testWire(): Wire {
  return {
    endpoint: 'messages',
    body: Buffer.from('{}'),
    createTap: () => createUsageTap(),
    readPlain: () => undefined,
    refusal: (_status, body) => body
  }
}
