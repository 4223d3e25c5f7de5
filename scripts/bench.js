/*
 * `npm run bench [name…]`: measures what is built against yardsticks of this very machine; `npm run bench:auto`
 * judges what `caicaini/auto` chooses, `npm run bench:estimate` what tokens are guessed. See bench/README.md.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, orExplain, root, runtime } from './setup.js'

/** Benches that need no yardstick. */
const OWN = ['auto', 'estimate']

await orExplain(() => {
  ensureReady()
  const [first, ...rest] = process.argv.slice(2)
  const args = OWN.includes(first) ? [`bench/${first}.js`, ...rest] : ['bench/run.js', ...process.argv.slice(2)]
  process.exitCode =
    spawnSync(
      runtime,
      args.map((arg, i) => (i === 0 ? join(root, arg) : arg)),
      { cwd: root, stdio: 'inherit' }
    ).status ?? 1
})
