import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../node_modules/.cache/caicaini-clients')
const wanted = readFileSync(join(import.meta.dirname, 'clients.json'), 'utf8')

/** Where the clients' own commands are. */
export const bins = { npm: join(folder, 'node_modules/.bin'), python: join(folder, 'python/bin') }

/**
 * Puts the clients that speak to the server beside the project's own packages, once for each list of versions: they are
 * too large (over 1 GB) to be everybody's dependencies. Needs npm, python3 and their registries.
 */
export function setup(): void {
  const stamp = join(folder, 'installed.json')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { npm, python } = JSON.parse(wanted) as Record<'npm' | 'python', string[]>
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--ignore-scripts=false', '--no-audit', '--no-fund', ...npm])
  run('python3', ['-m', 'venv', 'python'])
  run(join(bins.python, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...python])
  writeFileSync(stamp, wanted)
}
