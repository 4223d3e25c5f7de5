const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = /\r\ncontent-length: *(\d+)/i

/**
 * Calls `onMessage` with the head of each HTTP message that has come whole over a kept-alive socket.
 * Reads only what our benches send: one message at a time, its length in the head.
 */
export function readMessages(socket, onMessage) {
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const headEnd = bytes.indexOf(HEAD_END)
    if (headEnd === -1) return
    const head = bytes.latin1Slice(0, headEnd)
    const length = LENGTH.exec(head)
    if (!length) return void socket.destroy(new Error(`no length in: ${head}`))
    const end = headEnd + HEAD_END.length + Number(length[1])
    if (bytes.length < end) return
    bytes = bytes.subarray(end)
    onMessage(head)
  })
}
