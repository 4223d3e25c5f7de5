/* An Anthropic that takes its time until the first byte of a stream, or none. */
import { createServer } from 'node:http'
import { partOptions, servePart } from '../lib/part.js'
import { STREAM_EVENTS } from '../lib/played.js'

const { delayMs } = partOptions()
const server = createServer((request, response) => {
  const answer = () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM_EVENTS)
  request.resume().on('end', () => (delayMs > 0 ? setTimeout(answer, delayMs) : answer()))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => servePart({ url: `http://127.0.0.1:${server.address().port}`, headers: {} }))
