/* Streams over kept-alive connections, each to one target after the other; how long until the first byte of each. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { servePart } from '../lib/part.js'
import { requestBody } from '../lib/played.js'

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const body = requestBody({ stream: true })

servePart({}, { answer: run })

/**
 * `times[i]` are those of `targets[i]`, in milliseconds. In turn, so that what disturbs one disturbs all; each
 * connection begins a stream every `everyMs` at most.
 */
async function run({ targets, connections, everyMs, forMs }) {
  const times = targets.map(() => [])
  const endsAt = performance.now() + forMs
  await Promise.all(
    Array.from({ length: connections }, async (_, offset) => {
      // Not all at once.
      await sleep((everyMs * offset) / connections)
      for (let i = offset; performance.now() < endsAt; i++) {
        const turn = i % targets.length
        const [ms] = await Promise.all([firstByteMs(targets[turn]), sleep(everyMs)])
        times[turn].push(ms)
      }
    })
  )
  return { times }
}

function firstByteMs({ url, headers: own }) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...own }
    const sent = request(`${url}/v1/messages`, { agent, method: 'POST', headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`))
      let ms
      answer.on('data', () => {
        ms ??= performance.now() - startedAt
      })
      answer.on('end', () => resolve(ms))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
