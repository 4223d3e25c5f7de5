/*
 * Other people's chats, for those who ask for them (`--peers`): put beside the project's own packages, once for each
 * version, without running their scripts. They get a key that is none, and ask nobody before their first prompt.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../node_modules/.cache/caicaini-chats', import.meta.url))

const PEERS = [
  {
    name: 'pi',
    wanted: '@mariozechner/pi-coding-agent@0.73.1',
    bin: 'pi',
    env: { PI_OFFLINE: '1', ANTHROPIC_API_KEY: 'none' },
    asks: /─\n *\n─.*\n[\s\S]*claude/
  },
  {
    name: 'Gemini CLI',
    wanted: '@google/gemini-cli@0.61.0',
    bin: 'gemini',
    env: { GEMINI_API_KEY: 'none', COLORTERM: 'truecolor' },
    asks: /Type your message/,
    settings: {
      path: '.gemini/settings.json',
      value: { security: { folderTrust: { enabled: false }, auth: { selectedType: 'gemini-api-key' } } }
    }
  }
]

/** Those of them that could be installed, with their command lines; `say` is told of the others. */
export function installChatPeers(say) {
  return PEERS.flatMap((peer) => {
    try {
      return [{ ...peer, command: [process.execPath, installOnce(peer)] }]
    } catch (error) {
      say(`${peer.wanted} cannot be installed here: ${String(error.message).split('\n')[0]}`)
      return []
    }
  })
}

/** What a peer is to find in its home. */
export function settle({ settings }, home) {
  if (!settings) return
  const path = join(home, settings.path)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(settings.value))
}

function installOnce({ wanted, bin }) {
  const place = join(folder, bin)
  const stamp = join(place, 'installed')
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(stamp, { force: true })
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'package.json'), '{ "private": true }')
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', wanted]
    execFileSync('npm', args, { cwd: place, stdio: 'ignore' })
    writeFileSync(stamp, wanted)
  }
  return join(place, 'node_modules/.bin', bin)
}
