import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PlayedRequest {
  readonly headers: IncomingMessage['headers']
  readonly path: string
  /** Empty where it is no JSON. */
  readonly body: Readonly<Record<string, unknown>>
  readonly raw: string
  readonly bytes: Buffer
}

export type Play = (response: ServerResponse, request: PlayedRequest) => void

/** An Anthropic played over a real socket, one scripted answer at a time. */
export interface PlayedUpstream {
  readonly url: string
  /** What was asked, oldest first. */
  readonly requests: readonly PlayedRequest[]
  /** How every request from now on is answered. */
  play(play: Play): void
  /** Resolves when the next request has arrived in full. */
  nextRequest(): Promise<PlayedRequest>
  /** Resolves when a connection was closed from the other side before its answer was complete. */
  nextAbort(): Promise<void>
  close(): Promise<void>
}

export async function playUpstream(): Promise<PlayedUpstream> {
  const requests: PlayedRequest[] = []
  const arrivals: ((request: PlayedRequest) => void)[] = []
  const aborts: (() => void)[] = []
  let current: Play = (response) => answer(response)

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    response.on('close', () => {
      if (!response.writableFinished) for (const told of aborts.splice(0)) told()
    })
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const raw = bytes.toString()
      const isForm = incoming.headers['content-type']?.startsWith('multipart/')
      const body = isForm ? {} : JSON.parse(raw)
      const request = { headers: incoming.headers, path: incoming.url ?? '', raw, bytes, body }
      requests.push(request)
      current(response, request)
      for (const told of arrivals.splice(0)) told(request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    play(play) {
      current = play
    },
    nextRequest: () => new Promise((resolve) => arrivals.push(resolve)),
    nextAbort: () => new Promise((resolve) => aborts.push(resolve)),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}

export interface PlayedUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_creation_input_tokens?: number
  readonly cache_read_input_tokens?: number
  readonly server_tool_use?: Readonly<Record<string, number>>
}

export const USAGE: PlayedUsage = { input_tokens: 100, output_tokens: 50 }

/** The events of a streamed answer, in Anthropic's order. */
export function streamEvents({
  usage = USAGE,
  texts = ['Hello', ', ', 'world']
}: {
  usage?: PlayedUsage
  texts?: string[]
} = {}): string[] {
  const { output_tokens, server_tool_use, ...input } = usage
  return [
    sse('message_start', {
      message: { ...message, content: [], stop_reason: null, usage: { ...input, output_tokens: 1 } }
    }),
    sse('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    sse('ping', {}),
    ...texts.map((text) => sse('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    sse('content_block_stop', { index: 0 }),
    sse('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens, server_tool_use }
    }),
    sse('message_stop', {})
  ]
}

export function sse(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}

const message = { id: 'msg_up', type: 'message', role: 'assistant', model: 'claude-haiku-4-5', stop_sequence: null }

export function plainMessage(usage: PlayedUsage = USAGE): object {
  return { ...message, content: [{ type: 'text', text: 'Hello, world' }], stop_reason: 'end_turn', usage }
}

export function answer(response: ServerResponse, usage: PlayedUsage = USAGE): void {
  response
    .writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_up' })
    .end(JSON.stringify(plainMessage(usage)))
}

/** Begins a stream and sends these events; the answer stays open. */
export function begin(response: ServerResponse, events: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_up' })
  for (const event of events) response.write(event)
}

export function fail(response: ServerResponse, status: number, type = 'api_error'): void {
  const error = { type: 'error', error: { type, message: 'upstream says no to sk-ant-operator' } }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(error))
}
