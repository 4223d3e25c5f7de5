/* Portkey's gateway, which keeps no account of anything. */
import { serveForeign } from '../lib/foreign-server.js'
import { partOptions } from '../lib/part.js'
import { portkeyServer } from '../lib/peers.js'

await serveForeign({
  command: process.execPath,
  argsFor: (port) => [portkeyServer, `--port=${port}`, '--headless'],
  env: { NODE_ENV: 'production' },
  path: '/',
  headers: {
    'x-api-key': 'played',
    'x-portkey-provider': 'anthropic',
    'x-portkey-custom-host': `${partOptions().upstreamUrl}/v1`
  }
})
