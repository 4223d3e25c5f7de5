import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { servePart } from './part.js'

const START_LIMIT_MS = 50_000
/** Of Linux' accounts of a process (proc(5)): 100 ticks a second, pages of 4 KB. */
const TICK_US = 10_000
const PAGE_BYTES = 4096

/**
 * In a part: somebody else's server as a child of its own, on the part's core. `argsFor` is given a free
 * port; ready is when `path` answers with anything.
 */
export async function serveForeign({ command, argsFor, env, path, headers }) {
  const port = await freePort()
  const child = spawn(command, argsFor(port), { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const endsAt = performance.now() + START_LIMIT_MS
  while (!(await answers(url + path))) {
    if (child.exitCode !== null || performance.now() > endsAt) throw new Error(`${command} does not start`)
    await sleep(200)
  }
  servePart(
    { url, headers },
    {
      answer: () => ({ cpu: cpuOf(child.pid), memory: { rss: residentOf(child.pid) } }),
      async close() {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
    }
  )
}

function cpuOf(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11)
  return { user: Number(user) * TICK_US, system: Number(system) * TICK_US }
}

function residentOf(pid) {
  return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES
}

async function answers(url) {
  return fetch(url).then(
    () => true,
    () => false
  )
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
