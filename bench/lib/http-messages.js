const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i
/** Behind the last chunk. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/**
 * Calls `onMessage` with the head and the body of each HTTP message that has come whole over a kept-alive
 * socket. Reads only what our benches send and are sent: one message at a time.
 */
export function readMessages(socket, onMessage) {
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const headEnd = bytes.indexOf(HEAD_END)
    if (headEnd === -1) return
    const head = bytes.latin1Slice(0, headEnd)
    const from = headEnd + HEAD_END.length
    const end = CHUNKED.test(head) ? chunkedEnd(bytes) : from + Number(LENGTH.exec(head)?.[1])
    if (Number.isNaN(end)) return void socket.destroy(new Error(`no length in: ${head}`))
    if (bytes.length < end) return
    const body = bytes.subarray(from, end)
    bytes = bytes.subarray(end)
    onMessage(head, body)
  })
}

function chunkedEnd(bytes) {
  return endsChunks(bytes) ? bytes.length : Number.POSITIVE_INFINITY
}

/** Whether the last bytes of a chunked message have come. */
export function endsChunks(bytes) {
  return bytes.length >= LAST_CHUNK.length && bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
}

/** One chunk of a chunked message. */
export function chunkOf(text) {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

/** A request as it goes over a socket. */
export function requestBytes(url, { headers, body }) {
  const lines = Object.entries({
    host: new URL(url).host,
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    ...headers,
    'content-length': Buffer.byteLength(body)
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST /v1/messages HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}
