/* Other people's command lines from npm, for `--peers`: installed once beside the project's own packages. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../node_modules/.cache/caicaini-cli-peers', import.meta.url))

const PEERS = [
  { name: 'gemini', wanted: '@google/gemini-cli@0.61.0' },
  { name: 'pi', wanted: '@mariozechner/pi-coding-agent@0.73.1' },
  { name: 'codex', wanted: '@openai/codex@0.169.0' }
]

/** Those that could be installed, each with its `command`; `say` is told of the others. */
export function installCliPeers(say) {
  return PEERS.filter(({ name, wanted }) => {
    try {
      installOnce(name, wanted)
      return true
    } catch (error) {
      say(`${wanted} cannot be installed here: ${String(error.message).split('\n')[0]}`)
      return false
    }
  }).map(({ name, wanted }) => ({ name: wanted, command: join(folder, name, 'node_modules/.bin', name) }))
}

function installOnce(name, wanted) {
  const place = join(folder, name)
  const stamp = join(place, 'installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), '{ "private": true }')
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', wanted]
  execFileSync('npm', args, { cwd: place, stdio: ['ignore', 'ignore', 'pipe'] })
  writeFileSync(stamp, wanted)
}
