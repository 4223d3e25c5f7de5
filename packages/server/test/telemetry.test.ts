import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CatalogFile } from '../src/catalog/schema.js'
import { withoutMonthlyCredits } from '../src/testing/catalog.js'
import { type ChildServers, createChildServers } from '../src/testing/child-server.js'
import { until } from '../src/testing/server.js'
import { answer, fail } from '../src/testing/upstream.js'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly status: { readonly code?: number }
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

/** A collector of OpenTelemetry's HTTP protocol, in JSON. */
const received: { path: string; text: string }[] = []
let collector: Server
let t: ChildServers | undefined

beforeEach(async () => {
  received.length = 0
  collector = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      received.push({ path: request.url ?? '', text })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await t?.close()
  collector.closeAllConnections()
  await new Promise((resolve) => collector.close(resolve))
})

const endpoint = () => `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PROMPT = 'a secret that nobody may see'

function withTries(file: CatalogFile): CatalogFile {
  withoutMonthlyCredits(file)
  const { anthropic } = file.providers
  if (anthropic?.kind === 'anthropic') anthropic.tries_max = 3
  return file
}

async function askOnce(env: Record<string, string>): Promise<number | null> {
  t = await createChildServers({ env, catalog: withTries })
  const child = await t.serve()
  const key = await child.createCustomer()
  let tries = 0
  t.upstream.play((response) => (tries++ === 0 ? fail(response, 529, 'overloaded_error') : answer(response)))
  const response = await fetch(`${child.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, traceparent: `00-${TRACE}-b7ad6b7169203331-01` },
    body: JSON.stringify({ model: 'haiku', max_tokens: 100, messages: [{ role: 'user', content: PROMPT }] })
  })
  expect(response.status).toBe(200)
  return child.stop()
}

const spans = (): Span[] =>
  received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ text }) => JSON.parse(text).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans)

const attribute = ({ attributes }: Span, name: string) =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0]

test('a request is a span in its client’s trace, each try of its provider a span in it, and nothing of its content is told', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  expect(await askOnce(env)).toBe(0)
  const all = spans()
  expect(all.map(({ name }) => name).sort()).toEqual(['POST /v1/messages', ...Array(2).fill('chat claude-haiku-4-5')])
  const request = all.find(({ name }) => name.startsWith('POST')) as Span
  expect(request).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331' })
  expect(attribute(request, 'caicaini.credits')).toBe(0.35)
  expect(attribute(request, 'caicaini.request_id')).toMatch(/^req_/)
  const [failed, answered] = all.filter(({ parentSpanId }) => parentSpanId === request.spanId) as [Span, Span]
  expect([failed.status.code, attribute(failed, 'error.type')]).toEqual([2, 'overloaded'])
  expect(attribute(answered, 'gen_ai.usage.output_tokens')).toBe(50)
  const text = received.map((one) => one.text).join('\n')
  expect(text).toContain('gen_ai.client.token.usage')
  expect(text).toContain('"caicaini"')
  for (const secret of [PROMPT, 'ada', 'acct_', 'key_', 'cai_api_', 'sk-ant']) expect(text).not.toContain(secret)
})

test.each([
  ['without its variables', () => ({})],
  ['when it is disabled', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(), OTEL_SDK_DISABLED: 'true' })]
])('nothing is sent %s', async (_when, env) => {
  expect(await askOnce({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...env() })).toBe(0)
  expect(received).toEqual([])
})

test('a collector that is gone disturbs no request, and keeps no server from stopping', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_TIMEOUT: '1000' }
  expect(await askOnce(env)).toBe(0)
})

test('traces alone, where only they are asked for', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint()}/v1/traces`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_SERVICE_NAME: 'our-gateway'
  }
  expect(await askOnce(env)).toBe(0)
  await until(() => spans().length === 3)
  expect(received.every(({ path, text }) => path === '/v1/traces' && text.includes('our-gateway'))).toBe(true)
})
