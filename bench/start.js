/*
 * How long the installed command line takes to say its version, to help and to send its first request, and how much
 * memory an answer takes: beside the runtime's own start and, with `--peers`, other command lines of npm.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { generateApiKey } from '../packages/protocol/src/api-key.ts'
import { runChild } from './lib/child.js'
import { cli } from './lib/cli.js'
import { installCliPeers } from './lib/cli-peers.js'
import { PLAIN_ANSWER, STREAM_EVENTS } from './lib/played.js'
import { judged } from './lib/report.js'
import { median } from './lib/stats.js'

const RUNS = Number(process.env.BENCH_ROUNDS ?? 25)
/** Theirs take up to two seconds each. */
const RUNS_OF_A_PEER = 7
const STDIN_BYTES = 100 * 1024 * 1024

export async function* bench({ withPeers = false } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
  const played = await playServer()
  try {
    const world = { command: install(dir), played, env: envOf(dir, played.url) }
    const medians = await measureOurs(world)
    const { node } = medians
    const time = (what, ms, aim) => ({
      what: `${what}, beside node -e 0`,
      measured: `${ms.toFixed(0)} ms`,
      yardstick: `${node.ms.toFixed(0)} ms`,
      ...judged(ms / node.ms, { aim, atMost: true })
    })
    yield time('--version', medians.version.ms, 1.15)
    yield time('--help', medians.help.ms, 1.5)
    yield time('first request on the wire', medians.request.ms, 2.5)
    yield memory('print mode, peak', medians.request, { node, aim: 1.6 })
    const huge = await refuseHugeInput(world)
    yield { ...memory('100 MB on stdin, peak', huge, { node }), note: `it ended with ${huge.code}; 2 is the refusal` }
    if (!withPeers) return
    for (const { name, command } of installCliPeers((line) => console.log(line))) {
      for (const flag of ['--version', '--help']) {
        const run = await medianOf(RUNS_OF_A_PEER, () => runChild([command, flag], { env: world.env }))
        yield { ...time(`${name} ${flag}`, run.ms), note: `peak ${megabytes(run.peakBytes)} of its first process` }
      }
    }
  } finally {
    played.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** All of them in turn, so that whatever else runs on the machine disturbs them alike. */
async function measureOurs({ command, env, played }) {
  const kinds = {
    node: () => runChild([process.execPath, '-e', '0'], { env }),
    version: () => runChild([command, '--version'], { env }),
    help: () => runChild([command, '--help'], { env }),
    request: () => firstRequest(command, { env, played })
  }
  const runs = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]))
  // The first start compiles what later ones find compiled.
  await kinds.request()
  for (let i = 0; i < RUNS; i++) for (const kind of Object.keys(kinds)) runs[kind].push(await kinds[kind]())
  return Object.fromEntries(Object.entries(runs).map(([kind, all]) => [kind, mediansOf(all)]))
}

async function medianOf(count, run) {
  const all = []
  for (let i = 0; i < count; i++) all.push(await run())
  return mediansOf(all)
}

function mediansOf(runs) {
  return { ms: median(runs.map(({ ms }) => ms)), peakBytes: median(runs.map(({ peakBytes }) => peakBytes)) }
}

function memory(what, { peakBytes }, { node, aim }) {
  return {
    what: `${what}, beside node -e 0`,
    measured: megabytes(peakBytes),
    yardstick: megabytes(node.peakBytes),
    ...judged(peakBytes / node.peakBytes, { aim, atMost: true })
  }
}

function megabytes(bytes) {
  return Number.isNaN(bytes) ? '?' : `${(bytes / 1e6).toFixed(0)} MB`
}

/** From the start of the process until the server has the request. */
async function firstRequest(command, { env, played }) {
  const startedAt = performance.now()
  const arrived = once(played.server, 'request').then(() => performance.now() - startedAt)
  const { peakBytes } = await runChild([command, '-p', 'hello'], { env })
  return { ms: await arrived, peakBytes }
}

/** More than a server takes is refused: how much of it is in memory meanwhile. */
function refuseHugeInput({ command, env }) {
  const piece = Buffer.alloc(1024 * 1024, 'a line of text that goes on\n')
  const stdin = Readable.from(
    (function* () {
      for (let sent = 0; sent < STDIN_BYTES; sent += piece.length) yield piece
    })()
  )
  return runChild([command, '-p', 'sum up'], { env, stdin, codes: [0, 2] })
}

/** As the installer leaves it: a launcher, and the bundled runtime that it calls by its full path. */
function install(dir) {
  const current = join(dir, 'current')
  mkdirSync(join(current, 'bin'), { recursive: true })
  symlinkSync(realpathSync(process.execPath), join(current, 'bin/node'))
  symlinkSync(dirname(dirname(cli)), join(current, 'app'))
  const launcher = join(dir, 'caicaini')
  const text = `#!/bin/sh\nexec '${current}/bin/node' '${current}/app/dist/main.js' "$@"\n`
  writeFileSync(launcher, text, { mode: 0o755 })
  return launcher
}

function envOf(home, url) {
  const key = generateApiKey(randomBytes)
  const own = { CAICAINI_API_KEY: key, CAICAINI_BASE_URL: url, CAICAINI_KEYCHAIN: 'off' }
  return { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: home, LANG: 'C.UTF-8', ...own }
}

async function playServer() {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const isStream = body.includes('"stream":true')
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
      response.end(isStream ? STREAM_EVENTS : PLAIN_ANSWER)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { server, url: `http://127.0.0.1:${server.address().port}`, close }
}
