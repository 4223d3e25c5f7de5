/*
 * Other people's gateways, for those who ask for them (`--peers`): too large to be everybody's dependencies
 * (LiteLLM 0.7 GB), so they are put beside the project's own packages, once for each list of versions.
 * Needs npm and python3 with their registries, and Linux, which tells the CPU time of another process.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../node_modules/.cache/caicaini-peers', import.meta.url))
const python = join(folder, 'python/bin/python')

const PEERS = [
  {
    name: 'Portkey',
    part: 'portkey',
    wanted: '@portkey-ai/gateway@1.15.2',
    install: ({ wanted, run }) => run('npm', ['install', '--no-audit', '--no-fund', wanted]),
    // Of Messages and of chat alike it answers with 500, "immutable", on Node 20 as on Node 26.
    answersStreams: false
  },
  {
    name: 'LiteLLM',
    part: 'litellm',
    wanted: 'litellm[proxy]==1.106.2',
    install({ wanted, run }) {
      run('python3', ['-m', 'venv', 'python'])
      run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', wanted])
    },
    answersStreams: true
  }
]

export const portkeyServer = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
export const litellmServer = join(folder, 'python/bin/litellm')

/** Those of them that could be installed; `say` is told of the others. */
export function installPeers(say) {
  if (process.platform !== 'linux') {
    say('other gateways are measured on Linux alone')
    return []
  }
  return PEERS.filter((peer) => {
    try {
      installOnce(peer)
      return true
    } catch (error) {
      say(`${peer.wanted} cannot be installed here: ${String(error.message).split('\n')[0]}`)
      return false
    }
  })
}

function installOnce({ name, wanted, install }) {
  const stamp = join(folder, `${name}.installed`)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(stamp, { force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  install({ wanted, run: (command, args) => execFileSync(command, args, { cwd: folder, stdio: 'ignore' }) })
  writeFileSync(stamp, wanted)
}
