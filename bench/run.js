/*
 * Runs the benches that are named, or all, one after another, and prints one line for each figure as
 * it is known; `--peers` measures other people's programs beside ours. Exits with 1 when a bench itself
 * fails, never for a missed aim: machines differ.
 */
import { installPeers } from './lib/peers.js'
import { printHead, printLine } from './lib/report.js'

const BENCHES = {
  start: () => import('./start.js'),
  ledger: () => import('./ledger.js'),
  gateway: () => import('./gateway.js'),
  'first-byte': () => import('./first-byte.js'),
  'sign-in': () => import('./sign-in.js'),
  streams: () => import('./streams.js'),
  memory: () => import('./memory.js'),
  chat: () => import('./chat.js')
}

const args = process.argv.slice(2)
const asked = args.filter((arg) => arg !== '--peers')
const unknown = asked.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`bench: there is no ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}

/** Those that measure other people's gateways beside ours. */
const OF_GATEWAYS = ['gateway', 'first-byte', 'streams', 'memory']
const names = asked.length > 0 ? asked : Object.keys(BENCHES)
const withPeers = args.includes('--peers')
const installs = withPeers && names.some((name) => OF_GATEWAYS.includes(name))
const peers = installs ? installPeers((line) => console.log(line)) : []
printHead()
for (const name of names) {
  const { bench } = await BENCHES[name]()
  for await (const line of bench({ peers, withPeers })) printLine(line)
}
