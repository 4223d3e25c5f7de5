/*
 * `npm run release`: archives for every platform with the runtime and native parts of npm packages, their signed
 * sums, the list of versions and the installers. See docs/releases.md.
 */
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureReady, orExplain, root, runtime, SetupError } from './setup.js'

await orExplain(() => {
  ensureReady()
  const make = fileURLToPath(new URL('./release/make.js', import.meta.url))
  const { status } = spawnSync(runtime, [make, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
  if (status === null) throw new SetupError(`${relative(root, make)} was stopped`)
  process.exitCode = status
})
