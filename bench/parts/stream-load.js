/* Streams over kept-alive connections, each to one target after the other; how long until the first byte of each. */
import { Agent, request } from 'node:http'
import { servePart } from '../lib/part.js'
import { requestBody } from '../lib/played.js'

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const body = requestBody({ stream: true })

servePart({}, { answer: run })

/** `times[i]` are those of `targets[i]`, in milliseconds. In turn, so that what disturbs one disturbs all. */
async function run({ targets, connections, forMs }) {
  const times = targets.map(() => [])
  const endsAt = performance.now() + forMs
  await Promise.all(
    Array.from({ length: connections }, async (_, offset) => {
      for (let i = offset; performance.now() < endsAt; i++) {
        const turn = i % targets.length
        times[turn].push(await firstByteMs(targets[turn]))
      }
    })
  )
  return { times }
}

function firstByteMs({ url, key }) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const headers = {
      'content-type': 'application/json',
      'x-api-key': key ?? '',
      'content-length': Buffer.byteLength(body)
    }
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
