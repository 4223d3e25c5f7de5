/* How long the command line takes to say its version, beside the runtime's own start. */
import { spawnSync } from 'node:child_process'
import { cli } from './lib/cli.js'
import { judged } from './lib/report.js'
import { median } from './lib/stats.js'

const RUNS = 25

export async function* bench() {
  const times = { ours: [], node: [] }
  for (let i = 0; i < RUNS; i++) {
    times.node.push(timeOf(['-e', '0']))
    times.ours.push(timeOf([cli, '--version']))
  }
  const ours = median(times.ours)
  const node = median(times.node)
  yield {
    what: '--version, beside node -e 0',
    measured: `${ours.toFixed(0)} ms`,
    yardstick: `${node.toFixed(0)} ms`,
    ...judged(ours / node, { aim: 1.5, atMost: true })
  }
}

function timeOf(args) {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - startedAt
}
