import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { REQUEST_ID, receiptOf } from '../../src/testing/play-transport.js'

export { REQUEST_ID, receiptOf } from '../../src/testing/play-transport.js'
export { KEY } from '../../src/testing/test-context.js'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface PlayedServer {
  readonly url: string
  readonly received: readonly Received[]
  close(): Promise<void>
}

/** A server on a real port that answers as `play` says; `number` counts the requests from 1. */
export async function playServer(
  play: (request: Received, response: ServerResponse, number: number) => void
): Promise<PlayedServer> {
  const received: Received[] = []
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method = '', url = '', headers } = incoming
    const request = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
    play(request, response, received.push(request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': REQUEST_ID })
  sendEvent(response, 'message_start', { message: { model: 'claude-haiku-4-5', usage: {} } })
}

export function sendText(response: ServerResponse, text: string): void {
  sendEvent(response, 'content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
}

export function sendEvent(response: ServerResponse, type: string, fields: object = {}): void {
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
}

export function endStream(response: ServerResponse, receipt = receiptOf()): void {
  sendEvent(response, 'message_delta', { delta: { stop_reason: receipt.stop_reason }, usage: {} })
  response.write(`: caicaini-receipt ${JSON.stringify(receipt)}\n\n`)
  sendEvent(response, 'message_stop')
  response.end()
}

/** A whole answer. */
export function answer(response: ServerResponse, texts: readonly string[], receipt = receiptOf()): void {
  beginStream(response)
  for (const text of texts) sendText(response, text)
  endStream(response, receipt)
}

export function refuse(
  response: ServerResponse,
  { status, code, message, headers = {} }: { status: number; code?: string; message: string; headers?: object }
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message, code }, request_id: REQUEST_ID }))
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
