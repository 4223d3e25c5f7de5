import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../node_modules/.cache/caicaini-clients')
const wanted = readFileSync(join(import.meta.dirname, 'clients.json'), 'utf8')

/** Where the clients' own commands are. */
export const bins = {
  npm: join(folder, 'node_modules/.bin'),
  python: join(folder, 'python/bin'),
  aider: join(folder, 'aider/bin'),
  schemathesis: join(folder, 'schemathesis/bin')
}

/** What aider's own packages are built for (aider-chat 0.86: "requires Python >=3.10, <3.13"). */
const AIDER_PYTHONS = ['python3.12', 'python3.11', 'python3.10']

/**
 * Puts the clients that speak to the server beside the project's own packages, once for each list of versions: they are
 * too large (over 1 GB) to be everybody's dependencies. Needs npm, python3 and their registries. Where there is no Python that aider
 * runs on, it is left out, and its tests are skipped.
 */
export function setup(): void {
  const stamp = join(folder, 'installed.json')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { npm, python, aider, schemathesis } = JSON.parse(wanted) as Record<keyof typeof bins, string[]>
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--ignore-scripts=false', '--no-audit', '--no-fund', ...npm])
  const venv = (command: string, name: keyof typeof bins, packages: readonly string[]) => {
    run(command, ['-m', 'venv', name])
    run(join(bins[name], 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  }
  venv('python3', 'python', python)
  venv('python3', 'schemathesis', schemathesis)
  // Apart from the others: it pins nearly all that it needs.
  const aiderPython = AIDER_PYTHONS.find(isThere)
  if (aiderPython) venv(aiderPython, 'aider', aider)
  writeFileSync(stamp, wanted)
}

function isThere(command: string): boolean {
  return spawnSync(command, ['--version']).status === 0
}
