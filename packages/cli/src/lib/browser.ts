import { spawn } from 'node:child_process'
import type { Facts } from '../context.js'

/** The program that opens an address, where a screen can be expected to be at hand; undefined elsewhere. */
export function browserCommand({
  env,
  platform
}: Pick<Facts, 'env' | 'platform'>): readonly [string, ...string[]] | undefined {
  // A browser at the other end of an SSH connection is nobody's.
  if (env.SSH_CONNECTION || env.SSH_TTY || env.CI) return undefined
  // By convention the programs of BROWSER are separated by colons, the best first.
  const chosen = env.BROWSER?.split(':')[0]
  if (chosen) return [chosen]
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}

/** Opens an address if it can; says nothing where it cannot, for the address has been shown. */
export function openBrowser(url: string, facts: Pick<Facts, 'env' | 'platform'>): void {
  const command = browserCommand(facts)
  // What a server sends is opened by a shell on no account: only an address of the web.
  if (!command || !/^https?:\/\/[\w.:[\]-]+\/[\w/?=&%.-]*$/.test(url)) return
  const [program, ...args] = command
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' })
  child.on('error', () => {})
  child.unref()
}
