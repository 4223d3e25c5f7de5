/*
 * Makes a checkout ready to run: installs the dependencies (the pinned runtime among them) when the
 * lock file changed, and builds when a source changed. Runs on any Node ≥ 20, before anything is
 * installed, so it imports nothing but Node itself. When all is fresh it only reads file times.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const installStamp = join(modules, '.caicaini-installed')
const buildStamp = join(root, 'packages/cli/dist/.built')
const sources = [
  'packages/protocol/src',
  'packages/server/src',
  'packages/cli/src',
  'scripts/build.js',
  'package-lock.json'
]

/** The pinned runtime that npm brought for this platform. */
export const runtime = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

/** Thrown with a text for people: what failed, and how to mend it. */
export class SetupError extends Error {}

/** Installs and builds what is not fresh; one short line on stderr for each step that takes time. */
export function ensureReady() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (!existsSync(runtime) || readOr(installStamp) !== lock) install(lock)
  if (newestMs(sources) > mtimeMs(buildStamp)) build()
}

function install(lock) {
  say('installing dependencies and the pinned Node (once, about half a minute) …')
  const npm = process.env.npm_execpath
  const [command, ...args] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  // Not `ci`: it refuses a lock file that lacks another platform's optional packages, as one made where
  // a registry has not all of them does. `--no-save` keeps to the lock file and leaves it as it is.
  run(command, [...args, 'install', '--no-save', '--loglevel=error'], {
    failed: 'npm could not install the dependencies',
    mend: 'Check the network and the npm registry setting (npm config get registry), then run the same command again.'
  })
  if (!existsSync(runtime)) {
    throw new SetupError(
      `no Node runtime package for ${process.platform}-${process.arch} was installed.\n` +
        'Optional dependencies must be allowed: check `npm config get omit`, then delete node_modules and try again.'
    )
  }
  writeFileSync(installStamp, lock)
}

function build() {
  say('building …')
  run(runtime, [join(root, 'scripts/build.js')], {
    failed: 'the build failed',
    mend: 'Mend the source that is named above, or run `npm run check` for more.'
  })
  mkdirSync(dirname(buildStamp), { recursive: true })
  writeFileSync(buildStamp, '')
}

function run(command, args, { failed, mend }) {
  // .npmrc and npm's own variables would silence the inner npm's errors; they are shown when it fails.
  const env = { ...process.env, npm_config_loglevel: 'error' }
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' })
  if (status === 0) return
  const output = [error?.message, stdout, stderr].filter(Boolean).join('\n').trim()
  throw new SetupError(`${output}\n\n${failed}.\n${mend}`)
}

/** The newest change among files and folders; a folder's own time tells of files taken away. */
function newestMs(paths) {
  let newest = 0
  const pending = paths.map((path) => join(root, path))
  for (let path = pending.pop(); path; path = pending.pop()) {
    const stats = statSync(path)
    newest = Math.max(newest, stats.mtimeMs)
    if (stats.isDirectory()) for (const name of readdirSync(path)) pending.push(join(path, name))
  }
  return newest
}

function mtimeMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : -1
}

function readOr(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function say(text) {
  process.stderr.write(`caicaini: ${text}\n`)
}

/** Runs `main`; a failed set-up ends the process with its text and exit code 1. */
export async function orExplain(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await orExplain(ensureReady)
