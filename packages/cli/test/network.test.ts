import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { selfSigned } from '../../server/src/testing/certificate.js'
import { answer, KEY } from './support/played-server.js'
import { createHome, type Home, runCli } from './support/run-cli.js'

let home: Home
let open: Server[]
let sockets: Set<Socket>

beforeEach(() => {
  home = createHome()
  open = []
  sockets = new Set()
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))))
  home.remove()
})

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  open.push(server)
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}

const reply: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    response.setHeader('connection', 'close')
    answer(response, ['ok'])
  })
}

/** An HTTP proxy that sends every connection to `port`, whatever is asked for, and keeps what that was. */
async function proxyTo(port: number) {
  const asked: string[] = []
  const proxy = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    reply(request, response)
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    for (const each of [socket, upstream]) each.on('error', () => socket.destroy())
  })
  return { url: `http://127.0.0.1:${await listen(proxy)}`, asked }
}

const ask = (baseUrl: string, env: Record<string, string> = {}) =>
  runCli(['-q', 'hi'], { env: { ...home.env, CAICAINI_API_KEY: KEY, CAICAINI_BASE_URL: baseUrl, ...env } })
const OK = { code: 0, stdout: 'ok\n', stderr: '' }

test('a certificate of an authority of one’s own is refused at once, and trusted by NODE_EXTRA_CA_CERTS', async () => {
  const { key, cert } = selfSigned()
  const port = await listen(createHttpsServer({ key, cert }, reply))
  const refused = await ask(`https://localhost:${port}`)
  expect(refused).toMatchObject({ code: 7, stdout: '' })
  expect(refused.stderr).toContain('its certificate is refused; NODE_EXTRA_CA_CERTS names a file')
  const file = join(home.dir, 'ca.pem')
  writeFileSync(file, cert)
  expect(await ask(`https://localhost:${port}`, { NODE_EXTRA_CA_CERTS: file })).toMatchObject(OK)
})

test('HTTPS_PROXY tunnels, and NO_PROXY goes past it', async () => {
  const { key, cert } = selfSigned('caicaini.test')
  const file = join(home.dir, 'ca.pem')
  writeFileSync(file, cert)
  const proxy = await proxyTo(await listen(createHttpsServer({ key, cert }, reply)))
  const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: file }
  expect(await ask('https://caicaini.test', env)).toMatchObject(OK)
  expect(proxy.asked).toEqual(['CONNECT caicaini.test:443'])
  // Of names under .invalid there are none (RFC 6761): whoever goes straight does not arrive.
  const past = await ask('https://caicaini.invalid', { ...env, NO_PROXY: 'other.example,.invalid' })
  expect(past).toMatchObject({ code: 7, stderr: expect.stringContaining('cannot reach https://caicaini.invalid') })
  expect(proxy.asked).toHaveLength(1)
}, 60_000)

test('HTTP_PROXY is asked for plain addresses, but not for this machine', async () => {
  const proxy = await proxyTo(0)
  expect(await ask('http://caicaini.test:8787', { http_proxy: proxy.url })).toMatchObject(OK)
  expect(proxy.asked).toEqual(['POST http://caicaini.test:8787/v1/messages'])
  const port = await listen(createHttpServer(reply))
  expect(await ask(`http://127.0.0.1:${port}`, { http_proxy: proxy.url })).toMatchObject(OK)
  expect(proxy.asked).toHaveLength(1)
})

test('IPv6 is as good', async () => {
  const port = await listen(createHttpServer(reply), '::1')
  expect(await ask(`http://[::1]:${port}`)).toMatchObject(OK)
})

test('a name that cannot be looked up, as when one is offline, says so and ends within the budget', async () => {
  const end = await ask('http://caicaini.invalid')
  expect(end).toMatchObject({ code: 7, stdout: '' })
  expect(end.stderr).toMatch(/no such host|could not be looked up; are you offline\?/)
}, 60_000)

test('one who takes the connection and closes it is tried again, and named', async () => {
  let tries = 0
  const port = await listen(
    createNetServer((socket) => {
      tries++
      socket.destroy()
    })
  )
  const end = await ask(`http://127.0.0.1:${port}`)
  expect(end).toMatchObject({ code: 7, stderr: expect.stringContaining(`cannot reach http://127.0.0.1:${port}`) })
  // The last one asks for the state of the model.
  expect(tries).toBeGreaterThanOrEqual(5)
}, 60_000)
