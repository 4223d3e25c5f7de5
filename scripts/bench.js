/*
 * `npm run bench [name…]`: measures what is built against yardsticks of this very machine; `npm run bench:auto`
 * judges what `caicaini/auto` chooses. See bench/README.md.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, orExplain, root, runtime } from './setup.js'

await orExplain(() => {
  ensureReady()
  const [first, ...rest] = process.argv.slice(2)
  const args = first === 'auto' ? ['bench/auto.js', ...rest] : ['bench/run.js', ...process.argv.slice(2)]
  process.exitCode =
    spawnSync(
      runtime,
      args.map((arg, i) => (i === 0 ? join(root, arg) : arg)),
      { cwd: root, stdio: 'inherit' }
    ).status ?? 1
})
