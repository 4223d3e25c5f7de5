/* How long print mode takes until its request has reached the server, beside the runtime's own start. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateApiKey } from '../packages/protocol/src/api-key.ts'
import { cli } from './lib/cli.js'
import { PLAIN_ANSWER, STREAM_EVENTS } from './lib/played.js'
import { judged } from './lib/report.js'
import { median } from './lib/stats.js'

const RUNS = 25

export async function* bench() {
  const configDir = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
  const server = createServer(play)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const env = {
    ...process.env,
    CAICAINI_API_KEY: generateApiKey(randomBytes),
    CAICAINI_BASE_URL: `http://127.0.0.1:${server.address().port}`,
    CAICAINI_CONFIG_DIR: configDir
  }
  try {
    const times = { ours: [], node: [] }
    for (let i = 0; i < RUNS; i++) {
      times.node.push(nodeMs())
      times.ours.push(await firstRequestMs(server, env))
    }
    const ours = median(times.ours)
    const node = median(times.node)
    yield {
      what: 'print mode, first request, beside node -e 0',
      measured: `${ours.toFixed(0)} ms`,
      yardstick: `${node.toFixed(0)} ms`,
      ...judged(ours / node, { aim: 3, atMost: true })
    }
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(configDir, { recursive: true, force: true })
  }
}

function play(request, response) {
  let body = ''
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => {
    const isStream = body.includes('"stream":true')
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
    response.end(isStream ? STREAM_EVENTS : PLAIN_ANSWER)
  })
}

function nodeMs() {
  const startedAt = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - startedAt
}

/** From the start of the process until the server has the request; ends when the process has. */
async function firstRequestMs(server, env) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [cli, '-p', 'hello'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const exited = once(child, 'exit')
  const arrived = once(server, 'request').then(() => performance.now() - startedAt)
  const failed = exited.then(() => {
    throw new Error(`print mode sent no request: ${said}`)
  })
  failed.catch(() => {})
  const ms = await Promise.race([arrived, failed])
  await exited
  return ms
}
