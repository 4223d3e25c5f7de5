/*
 * Both ends of long streams, an Anthropic and its clients, in one process: the next chunk is sent once
 * the one before has come out at the other end. So a proxy has each of them alone, as it has when a model
 * takes its time, and is yet as busy as it can be. On plain sockets, as these must not be what is measured.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { endsChunks, readMessages, requestBytes } from '../lib/http-messages.js'
import { servePart } from '../lib/part.js'
import { requestBody, STREAM_CHUNKS, STREAM_HEAD } from '../lib/played.js'

const EVENT = Buffer.from('event: ')
const OK = Buffer.from('HTTP/1.1 200 ')
/** By the number that each stream's request carries: what sends its next chunk. */
const sources = new Map()
let streamsBegun = 0
/** Lets the streams that are silent go on. */
let goOn = async () => {}

const server = createServer({ noDelay: true }, (socket) => {
  readMessages(socket, (_head, body) => {
    const [, id] = /stream (\d+)\./.exec(body.latin1Slice())
    let sent = 0
    // The end of the body may come behind the last event.
    sources.set(Number(id), () => ++sent < STREAM_CHUNKS.length && socket.write(STREAM_CHUNKS[sent]))
    socket.write(STREAM_HEAD + STREAM_CHUNKS[0])
  })
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => servePart({ url: `http://127.0.0.1:${server.address().port}` }, { answer }))

function answer({ run: how, open: count, to, finish: isEnd }) {
  if (how) return run(to, how)
  if (count) return open(to, count)
  return isEnd ? finish() : {}
}

/** As many streams at a time for `forMs`, one after another on each connection; how many chunks came, until the last. */
async function run(to, { streams, forMs }) {
  const startedAt = performance.now()
  let ended = 0
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const client = await connectTo(to)
      do {
        await client.stream((next) => next())
        ended++
      } while (performance.now() - startedAt < forMs)
      client.close()
    })
  )
  return { streams: ended, chunks: ended * STREAM_CHUNKS.length, ms: performance.now() - startedAt }
}

/** Begins as many streams, and answers once the first event of each has come; nothing follows until `finish`. */
async function open(to, count) {
  let isSilent = true
  const opened = Array.from({ length: count }, async () => {
    const client = await connectTo(to)
    const first = Promise.withResolvers()
    const ended = client.stream((next) => (isSilent ? first.resolve(next) : next()))
    ended.catch(first.reject)
    return { next: await first.promise, ended, client }
  })
  const silent = await Promise.all(opened)
  goOn = async () => {
    isSilent = false
    for (const { next } of silent) next()
    for (const { ended, client } of silent) {
      await ended
      client.close()
    }
  }
  return {}
}

/** Lets the silent streams come to their ends. */
async function finish() {
  await goOn()
  return {}
}

/** One client's connection, for one stream at a time. */
async function connectTo({ url, headers }) {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return {
    /** Resolves at the stream's end; `onEvent` is told of each event's arrival, and given what has the next one sent. */
    stream(onEvent) {
      const id = streamsBegun++
      const body = requestBody({ stream: true, note: `stream ${id}.` })
      socket.write(requestBytes(url, { headers, body }))
      return new Promise((resolve, reject) => {
        let hasBegun = false
        const onEnd = () => reject(new Error(`${url} ended in the middle of a stream`))
        const onData = (bytes) => {
          if (!hasBegun && bytes.indexOf(OK) !== 0) return void socket.destroy(new Error(bytes.latin1Slice(0, 500)))
          hasBegun = true
          if (!endsChunks(bytes)) return bytes.includes(EVENT) && onEvent(sources.get(id))
          sources.delete(id)
          socket.off('data', onData).off('error', reject).off('end', onEnd)
          resolve()
        }
        socket.on('data', onData).on('error', reject).on('end', onEnd)
      })
    },
    close: () => socket.destroy()
  }
}
