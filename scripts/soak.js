/*
 * `npm run soak:ledger` and `npm run soak:crash`: the same tests as in an ordinary run, for as long as
 * SOAK_STEPS or SOAK_KILLS says. SOAK_SEED, and SOAK_PATH where a failure names one, repeat it.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, orExplain, root, runtime } from './setup.js'

const soaks = {
  ledger: { project: 'unit', test: 'packages/server/src/model-based/', count: 'SOAK_STEPS', usual: '2000000' },
  crash: { project: 'e2e', test: 'packages/server/test/torture.test.ts', count: 'SOAK_KILLS', usual: '1000' }
}

await orExplain(() => {
  const soak = soaks[process.argv[2]]
  if (!soak) {
    process.stderr.write(`soak: name one of ${Object.keys(soaks).join(', ')}\n`)
    process.exitCode = 2
    return
  }
  const count = process.env[soak.count] ?? soak.usual
  if (!/^[1-9]\d*$/.test(count)) {
    process.stderr.write(`${soak.count}: must be a whole number of at least 1, got "${count}"\n`)
    process.exitCode = 2
    return
  }
  ensureReady()
  const args = ['run', '--project', soak.project, '--testTimeout=0', '--reporter=verbose', soak.test]
  const { status } = spawnSync(runtime, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, [soak.count]: count }
  })
  process.exitCode = status ?? 1
})
