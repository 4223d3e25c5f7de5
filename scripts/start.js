/*
 * `npm start`: on a terminal the chat, with words or piped text one answer, with none of them the
 * server. The first time it runs on the machine's own Node and hands over to the pinned one.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ensureReady, orExplain, root, runtime } from './setup.js'

const [major, minor] = process.versions.node.split('.').map(Number)
const pinned = major > 24 || (major === 24 && minor >= 7)

await orExplain(async () => {
  ensureReady()
  if (pinned) await start(process.argv.slice(2))
  else handOver()
})

async function start(words) {
  const serve = words.length === 0 && !process.stdin.isTTY && (await stdinIsEmpty())
  process.argv = [
    process.execPath,
    `${root}/packages/cli/bin/caicaini.js`,
    ...(serve ? ['serve'] : ['--local', ...words])
  ]
  await import('../packages/cli/dist/main.js')
}

/** Waits for the first byte or the end of stdin; a byte that came is put back. */
function stdinIsEmpty() {
  return new Promise((resolve) => {
    process.stdin.once('readable', () => {
      const chunk = process.stdin.read()
      if (chunk !== null) process.stdin.unshift(chunk)
      resolve(chunk === null)
    })
    process.stdin.once('error', () => resolve(true))
  })
}

/** Runs this script again on the pinned runtime, with the same streams; passes signals on and its end back. */
function handOver() {
  const child = spawn(runtime, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}
