/* `npm run bench [name…]`: measures what is built against yardsticks of this very machine. See bench/README.md. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, orExplain, root, runtime } from './setup.js'

await orExplain(() => {
  ensureReady()
  const args = [join(root, 'bench/run.js'), ...process.argv.slice(2)]
  process.exitCode = spawnSync(runtime, args, { cwd: root, stdio: 'inherit' }).status ?? 1
})
