import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/testing/server.js'
import { fail } from '../src/testing/upstream.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer()
})
afterEach(async () => {
  expect((await t.balance()).balance).toBe(100)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const ask = { model: 'haiku', messages: [{ role: 'user' as const, content: 'how many?' }] }

describe('counting tokens', () => {
  test('is the provider’s own count, asked with the client’s own bytes; it costs nothing', async () => {
    t.upstream.play((response) => response.writeHead(200).end('{"input_tokens":1234}'))
    expect(await t.sdk().messages.countTokens(ask)).toMatchObject({ input_tokens: 1234 })
    expect(t.upstream.requests[0]?.body).toEqual({ ...ask, model: 'claude-haiku-4-5' })
    expect(t.upstream.requests[0]?.headers['x-api-key']).toBe('sk-ant-operator')
  })

  test('is an estimate, and says so, where nobody counts', async () => {
    const response = await t.server.fetchLocal(
      new Request('http://local/v1/messages/count_tokens', { method: 'POST', body: JSON.stringify(ask) })
    )
    // The owner's own server has a provider here; the sandbox alone has none.
    expect(response.status).toBe(200)
    const trial = await createTestServer({ upstream: false })
    const request = new Request('http://local/v1/messages/count_tokens', { method: 'POST', body: JSON.stringify(ask) })
    const estimated = await trial.server.fetchLocal(request)
    expect(estimated.headers.get('x-caicaini-estimated')).toBe('true')
    expect(((await estimated.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(10)
    await trial.close()
  })

  test('has a window of its own: it takes nothing from the requests a minute', async () => {
    t.upstream.play((response) => response.writeHead(200).end('{"input_tokens":1}'))
    for (let i = 0; i < 60; i++) await t.sdk().messages.countTokens(ask)
    await expect(t.sdk().messages.countTokens(ask)).rejects.toThrow('Requests per minute exceeded for this key')
    const { headers } = await fetch(`${t.url}/v1/models`, { headers: { 'x-api-key': t.key } })
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('60')
  })

  test('that fails at the provider is told as such', async () => {
    t.upstream.play((response) => fail(response, 500))
    await expect(t.sdk().messages.countTokens(ask)).rejects.toMatchObject({ status: 502 })
    await expect(t.sdk().messages.countTokens({ ...ask, messages: [] })).rejects.toThrow('messages: must be a list')
  })
})
