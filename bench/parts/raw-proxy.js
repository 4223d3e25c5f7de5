/* The yardstick: what node:http alone does when it passes a request on and the answer back, and nothing else. */
import { Agent, createServer, request } from 'node:http'
import { ownUse, partOptions, servePart } from '../lib/part.js'

const upstream = new URL(partOptions().upstreamUrl)
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 1024 })

const server = createServer((incoming, outgoing) => {
  const { method, url: path, headers } = incoming
  const passed = request({ agent, host: upstream.hostname, port: upstream.port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
  })
  passed.on('error', () => outgoing.destroy())
  incoming.pipe(passed)
})

server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`
  servePart({ url, headers: {} }, { answer: ({ memory }) => ownUse({ memory }) })
})
