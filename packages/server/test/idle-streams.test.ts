import type { ServerResponse } from 'node:http'
import type { AuditReport } from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withoutLimits } from '../src/testing/catalog.js'
import { type ChildServer, type ChildServers, createChildServers } from '../src/testing/child-server.js'
import { begin, streamEvents } from '../src/testing/upstream.js'

const STREAMS = 1_000
const MEGABYTES_MAX = 300

let c: ChildServers

beforeEach(async () => {
  c = await createChildServers({ catalog: withoutLimits })
})
afterEach(() => c.close())

/** Asks for a stream and reads the first of it; the result reads the rest. */
async function open(server: ChildServer, key: string): Promise<() => Promise<string>> {
  const messages = [{ role: 'user', content: 'hi' }]
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1024, stream: true, messages })
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toContain('message_start')
  return async () => {
    for (let rest = ''; ; ) {
      const { value, done } = (await reader?.read()) ?? { done: true }
      if (done) return rest
      rest += value
    }
  }
}

test('a thousand streams whose provider is silent take less than 300 MB, and each still comes to its end', async () => {
  const server = await c.serve()
  const key = await server.createCustomer({ credits: 1_000_000 })
  const silent: ServerResponse[] = []
  c.upstream.play((response) => {
    begin(response, streamEvents().slice(0, 4))
    silent.push(response)
  })
  const idleBytes = await server.residentBytes()
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => open(server, key)))
  expect((await server.residentBytes()) - idleBytes).toBeLessThan(MEGABYTES_MAX * 1_000_000)

  for (const response of silent) response.end(streamEvents().slice(4).join(''))
  for (const readRest of streams) expect(await readRest()).toContain(': caicaini-receipt')
  const audit = await server.local<AuditReport>('GET', '/admin/api/ledger/audit')
  expect(audit).toMatchObject({ ok: true, holds_open: 0, receipts: STREAMS })
})
