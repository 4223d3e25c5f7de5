import type { Receipt } from '@caicaini/protocol'
import type { Transport, WireRequest } from '../lib/transport.js'

export interface Played {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export type Play = (request: WireRequest, number: number) => Played | Promise<Played>

export interface PlayedTransport extends Transport {
  readonly requests: readonly WireRequest[]
  readonly closed: boolean
}

/** A server that answers as `play` says; `number` counts the requests from 1. */
export function playTransport(play: Play): PlayedTransport {
  const requests: WireRequest[] = []
  let closed = false
  return {
    name: 'https://played.test',
    requests,
    get closed() {
      return closed
    },
    async send(request) {
      request.signal.throwIfAborted()
      const { status = 200, headers = {}, body = [] } = await play(request, requests.push(request))
      return { status, headers, body: bytesOf(body) }
    },
    close: async () => {
      closed = true
    }
  }
}

async function* bytesOf(body: NonNullable<Played['body']>): AsyncGenerator<Uint8Array> {
  yield* body
}

export const REQUEST_ID = 'req_0193abcd'

export function json(value: unknown, status = 200): Played {
  return { status, headers: { 'content-type': 'application/json' }, body: [bytes(JSON.stringify(value))] }
}

export function refusal(status: number, code: string, message: string, headers: Record<string, string> = {}): Played {
  return { ...json({ type: 'error', error: { type: 'x', code, message } }, status), headers }
}

/** A stream of server-sent events made of `parts`. */
export function stream(parts: NonNullable<Played['body']>, headers: Record<string, string> = {}): Played {
  return { headers: { 'content-type': 'text/event-stream', 'request-id': REQUEST_ID, ...headers }, body: parts }
}

export function textEvent(text: string): Uint8Array {
  return event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
}

export function event(type: string, fields: object = {}): Uint8Array {
  return bytes(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
}

export function endEvents(receipt: Receipt = receiptOf()): Uint8Array[] {
  return [
    event('message_delta', { delta: { stop_reason: receipt.stop_reason } }),
    bytes(`: caicaini-receipt ${JSON.stringify(receipt)}\n\n`),
    event('message_stop')
  ]
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function receiptOf(changes: Partial<Receipt> = {}): Receipt {
  return {
    request_id: REQUEST_ID,
    status: 'complete',
    model: 'caicaini/haiku',
    model_used: 'claude-haiku-4-5',
    route_reason: 'asked for',
    provider: 'anthropic',
    input_tokens: 1204,
    output_tokens: 312,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    parts: [{ kind: 'input', quantity: 1204, rate: 1_000_000_000 }],
    rate_version: '2026-11-01',
    discount: 0,
    credits: 2.764,
    from_subscription: 2.764,
    from_topup: 0,
    uncollected: 0,
    estimated: false,
    clamped: null,
    stop_reason: 'end_turn',
    latency_ms: 1900,
    first_token_ms: 300,
    settled_at: '2026-11-21T10:00:00.000Z',
    balance: 9912.3,
    warnings: [],
    ledger_head: 'ab12',
    ...changes
  }
}
