/* An Anthropic that answers at once, on plain sockets: it must not be what is measured. */
import { createServer } from 'node:net'
import { readMessages } from '../lib/http-messages.js'
import { servePart } from '../lib/part.js'
import { PLAIN_ANSWER } from '../lib/played.js'

const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_played\r\ncontent-length: ${Buffer.byteLength(PLAIN_ANSWER)}\r\n\r\n${PLAIN_ANSWER}`
)

const server = createServer({ noDelay: true }, (socket) => {
  readMessages(socket, () => socket.write(answer))
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => servePart({ url: `http://127.0.0.1:${server.address().port}` }))
