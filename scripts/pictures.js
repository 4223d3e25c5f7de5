/*
 * `npm run pictures`: draws docs/pictures/ anew, two minutes. A session of the chat is played with the sandbox in
 * pseudo-terminals of several sizes and colours; each of its moments becomes an SVG. For when the chat's looks change.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, orExplain, root, runtime } from './setup.js'

await orExplain(() => {
  ensureReady()
  process.exitCode =
    spawnSync(runtime, [join(root, 'scripts/pictures/draw.js')], { cwd: root, stdio: 'inherit' }).status ?? 1
})
