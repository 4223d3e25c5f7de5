/*
 * As many plain requests as come back, over a fixed number of kept-alive connections, one at a time on
 * each. On plain sockets, for a client that did more would take more time than the proxy it measures.
 */
import { connect } from 'node:net'
import { readMessages, requestBytes } from '../lib/http-messages.js'
import { servePart } from '../lib/part.js'
import { requestBody } from '../lib/played.js'

const body = requestBody({ stream: false })

servePart({}, { answer: run })

/** Loads `url` for `forMs`; how many answers came, and how long that took until the last one. */
async function run({ url, headers, connections, forMs }) {
  const { hostname, port } = new URL(url)
  const bytes = requestBytes(url, { headers, body })
  const startedAt = performance.now()
  let requests = 0

  function keepBusy() {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      socket.on('connect', () => socket.write(bytes))
      socket.on('error', reject)
      readMessages(socket, (head) => {
        if (!head.startsWith('HTTP/1.1 200')) return void socket.destroy(new Error(head))
        requests++
        if (performance.now() - startedAt < forMs) socket.write(bytes)
        else socket.end(resolve)
      })
    })
  }

  await Promise.all(Array.from({ length: connections }, keepBusy))
  return { requests, ms: performance.now() - startedAt }
}
