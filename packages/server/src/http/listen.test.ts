import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Listening, listen } from './listen.js'

let listening: Listening
afterEach(() => listening.close())

async function start(): Promise<{ port: number; bodies: string[] }> {
  const bodies: string[] = []
  const times = { headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }
  const answer = async (request: Request) => {
    bodies.push(await request.text().catch(() => 'cut'))
    return new Response('there')
  }
  listening = await listen(answer, { host: '127.0.0.1', port: 0 }, () => undefined, times)
  return { port: Number(new URL(listening.url).port), bodies }
}

/** What a connection is answered that sends `parts`, each 20 ms after the one before, until it is closed. */
async function say(port: number, ...parts: string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  let told = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    told += chunk
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  const timer = setInterval(() => {
    const part = parts.shift()
    if (part !== undefined && socket.writable) socket.write(part)
  }, 20)
  await closed
  clearInterval(timer)
  return told
}

const HEAD = 'POST / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n'

test('a sender that takes its time with its headers is cut', async () => {
  const { port, bodies } = await start()
  expect(await say(port, HEAD, ...Array<string>(50).fill('x-slow: 1\r\n'))).toMatch(/^(HTTP\/1\.1 408|$)/)
  expect(bodies).toEqual([])
})

test('so is one that takes its time with its body', async () => {
  const { port, bodies } = await start()
  const told = await say(port, `${HEAD}content-length: 1000\r\n\r\n`, ...Array<string>(50).fill('a'))
  expect(told).not.toContain('there')
  expect(bodies).toEqual(['cut'])
})

test('headers of more than 16 KB are refused', async () => {
  const { port, bodies } = await start()
  expect(await say(port, `${HEAD}x-long: ${'a'.repeat(17_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431/)
  expect(bodies).toEqual([])
})
