/*
 * A bench is played by several processes, so that none takes the measured one's time: each part runs
 * one file of bench/parts on a core of its own choice, says `ready`, and answers what it is asked.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const ANSWER_LIMIT_MS = 60_000
const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).error === undefined

/**
 * Starts `bench/parts/<name>.js`, or a bundle of it, and waits until it is ready; `core` is taken where
 * the system can pin.
 */
export async function startPart(name, { core, file = partFile(name), options = {} }) {
  const command = [process.execPath, ...(options.nodeArgs ?? []), file, JSON.stringify(options)]
  const [program, ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { ready } = await answerOf(child, name)
  return {
    ready,
    ask(question) {
      const answer = answerOf(child, name)
      child.send(question)
      return answer
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await gone
    }
  }
}

function partFile(name) {
  return fileURLToPath(new URL(`../parts/${name}.js`, import.meta.url))
}

function answerOf(child, name) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => finish(new Error(`${name}: no answer`)), ANSWER_LIMIT_MS)
    const onMessage = (message) => finish(message.failed && new Error(`${name}: ${message.failed}`), message)
    const onExit = (code) => finish(new Error(`${name}: ended with ${code}`))
    child.once('message', onMessage)
    child.once('exit', onExit)
    function finish(error, message) {
      clearTimeout(limit)
      child.off('message', onMessage).off('exit', onExit)
      if (error) reject(error)
      else resolve(message)
    }
  })
}

/** In a part: what it was started with. */
export function partOptions() {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** In a part: says it is ready, then answers each question by `answer`; ends with its parent. */
export function servePart(ready, { answer = () => ({}), close = () => {} } = {}) {
  process.on('message', async (question) => {
    try {
      process.send(await answer(question))
    } catch (error) {
      process.send({ failed: String(error?.stack ?? error) })
    }
  })
  process.on('disconnect', async () => {
    await close()
    process.exit(0)
  })
  process.send({ ready })
}

/** In a part: what this process has taken so far; its memory where that is asked for. */
export function ownUse({ memory }) {
  if (!memory) return { cpu: process.cpuUsage() }
  const { rss } = process.memoryUsage()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { cpu: process.cpuUsage(), memory: { rss, heap: heapUsed + external } }
}
