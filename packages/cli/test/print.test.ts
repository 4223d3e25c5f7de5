import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  answer,
  beginStream,
  endStream,
  json,
  KEY,
  type PlayedServer,
  playServer,
  REQUEST_ID,
  receiptOf,
  refuse,
  sendEvent,
  sendText
} from './support/played-server.js'
import { createHome, type Home, runCli, startCli } from './support/run-cli.js'

let home: Home
let server: PlayedServer | undefined

beforeEach(() => {
  home = createHome()
})

afterEach(async () => {
  await server?.close()
  server = undefined
  home.remove()
})

async function play(...[handler]: Parameters<typeof playServer>): Promise<Record<string, string>> {
  server = await playServer(handler)
  return { ...home.env, CAICAINI_BASE_URL: server.url, CAICAINI_API_KEY: KEY }
}

const COST = '↳ haiku · 1,204 in · 312 out · 2.76 credits · balance 9,912.3\n'

test('a prompt is answered on stdout and its cost said on stderr', async () => {
  const env = await play((_, response) => answer(response, ['Hello', ' there']))
  const end = await runCli(['say', 'hello', '-m', 'haiku', '--system', 'Be brief.', '--max-tokens', '99'], { env })
  expect(end).toEqual({ code: 0, signal: null, stdout: 'Hello there\n', stderr: COST })
  const [request] = server?.received ?? []
  expect(request?.path).toBe('/v1/messages')
  expect(request?.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' })
  expect(request?.headers['x-caicaini-client']).toMatch(/^cli\/\d/)
  expect(JSON.parse(request?.body ?? '')).toEqual({
    model: 'haiku',
    max_tokens: 99,
    system: 'Be brief.',
    stream: true,
    messages: [{ role: 'user', content: 'say hello' }]
  })
})

test('what is piped in follows the prompt in a block of its own, to its last byte', async () => {
  const env = await play((_, response) => answer(response, ['ok\n']))
  const text = `${'línea 行 🎉\n'.repeat(200_000)}the end`
  const end = await runCli(['review'], { env, stdin: text })
  expect(end).toMatchObject({ code: 0, stdout: 'ok\n' })
  const { messages } = JSON.parse(server?.received[0]?.body ?? '')
  expect(messages[0].content === `review\n\n<stdin>\n${text}\n</stdin>`).toBe(true)
})

test('a prompt may come from stdin alone, and an empty one is refused before any request', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  expect(await runCli(['-q'], { env, stdin: 'say hello\n' })).toMatchObject({ code: 0, stdout: 'ok\n', stderr: '' })
  expect(JSON.parse(server?.received[0]?.body ?? '').messages[0].content).toBe('say hello\n')
  expect(await runCli([], { env, stdin: ' \n' })).toMatchObject({ code: 2, stdout: '' })
  expect(server?.received).toHaveLength(1)
})

test('--no-stdin does not wait for a stdin that stays open', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  expect(await startCli(['hello', '--no-stdin'], { env }).ended).toMatchObject({ code: 0, stdout: 'ok\n' })
})

test('--output-format json prints one object', async () => {
  const env = await play((_, response) => answer(response, ['a\u009bb']))
  const end = await runCli(['x', '--output-format', 'json'], { env })
  expect(end.stdout).toContain('\\u009b')
  expect(JSON.parse(end.stdout)).toEqual({
    text: 'a\u009bb',
    model: 'claude-haiku-4-5',
    stop_reason: 'end_turn',
    route_reason: 'asked for',
    receipt: receiptOf(),
    request_id: REQUEST_ID
  })
})

test('escape sequences in an answer are shown, not obeyed, unless --raw', async () => {
  const env = await play((_, response) => answer(response, ['\u001b]0;owned', '\u0007 tab\there']))
  expect((await runCli(['x'], { env })).stdout).toBe('␛]0;owned␇ tab\there\n')
  expect((await runCli(['x', '--raw'], { env })).stdout).toBe('\u001b]0;owned\u0007 tab\there\n')
})

test('a rate limit is waited for as the server says', async () => {
  const env = await play((_, response, number) => {
    if (number > 1) return answer(response, ['at last'])
    refuse(response, { status: 429, code: 'rate_limit', message: 'slow down', headers: { 'retry-after': '0' } })
  })
  expect(await runCli(['x'], { env })).toMatchObject({ code: 0, stdout: 'at last\n' })
  expect(server?.received).toHaveLength(2)
})

test.each([
  ['a rate limit beyond the budget', { status: 429, code: 'rate_limit', headers: { 'retry-after': '90' } }, 6],
  ['a request that no tier fits', { status: 429, code: 'exceeds_tier', headers: { 'x-should-retry': 'false' } }, 6],
  ['an unknown key', { status: 401, code: 'unknown_key' }, 4],
  ['a plan without the command line', { status: 403, code: 'plan' }, 9],
  ['a missing scope', { status: 403, code: 'scope' }, 4],
  ['a bad request', { status: 400, code: 'invalid_request' }, 2],
  ['an unknown model', { status: 404, code: 'model_not_found' }, 2],
  ['an error that trying again cannot mend', { status: 502, headers: { 'x-should-retry': 'false' } }, 7]
])('%s ends at once with its exit code', async (_name, refusal, code) => {
  const env = await play((_, response) => refuse(response, { message: 'because', ...refusal }))
  const end = await runCli(['x'], { env })
  expect(end).toMatchObject({ code, stdout: '' })
  expect(end.stderr).toMatch(/^caicaini: because/)
  expect(server?.received).toHaveLength(1)
})

test('servers that are overloaded are tried again', async () => {
  const headers = { 'retry-after': '0' }
  const env = await play((_, response, number) => {
    if (number === 3) return answer(response, ['ok'])
    refuse(response, { status: number === 1 ? 500 : 529, message: 'overloaded', headers })
  })
  expect(await runCli(['x'], { env })).toMatchObject({ code: 0, stdout: 'ok\n' })
})

test('after five attempts the server counts as unreachable', async () => {
  const env = await play((_, response) =>
    refuse(response, { status: 529, code: 'overloaded', message: 'too much to do', headers: { 'retry-after': '0' } })
  )
  expect(await runCli(['x'], { env })).toMatchObject({ code: 7, stderr: 'caicaini: too much to do\n' })
  // Then it asks once whether the server knows more of the model, which this one does not.
  const asked = server?.received.map(({ path }) => path)
  expect(asked).toEqual([...Array(5).fill('/v1/messages'), '/api/status'])
})

test('without credits it says what the balance is and does not try again', async () => {
  const env = await play(({ path }, response) => {
    if (path === '/api/balance') return json(response, { balance: 0.4, held: 0, available: 0.4, grants: [] })
    refuse(response, { status: 402, code: 'insufficient_quota', message: 'affords 12 tokens' })
  })
  const end = await runCli(['x'], { env })
  expect(end).toMatchObject({ code: 5, stdout: '' })
  expect(end.stderr).toBe(
    'caicaini: affords 12 tokens\nYour balance is 0.4 credits. More credits are needed to go on.\n'
  )
})

test('a key that is not well-formed is refused before any request', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  const end = await runCli(['x'], { env: { ...env, CAICAINI_API_KEY: `${KEY.slice(0, -1)}#` } })
  expect(end.code).toBe(4)
  expect(end.stderr).not.toContain(KEY.slice(0, -1))
  expect(server?.received).toHaveLength(0)
})

test('a dead server is exit 7', async () => {
  const env = await play(() => {})
  await server?.close()
  const end = await runCli(['x'], { env })
  expect(end.code).toBe(7)
  expect(end.stderr).toMatch(/cannot reach http.*connection refused/)
}, 40_000)

test('a page that is not ours is not taken for an answer', async () => {
  const env = await play((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hi</h1>'))
  expect(await runCli(['x'], { env })).toMatchObject({ code: 7, stdout: '' })
})

test.each([
  ['ends', (response: import('node:http').ServerResponse) => response.end()],
  ['breaks', (response: import('node:http').ServerResponse) => response.destroy()]
])('a stream that %s before its end is exit 8, with what came on stdout', async (_name, cut) => {
  const env = await play(({ path }, response) => {
    if (path.startsWith('/api/receipts/')) return refuse(response, { status: 404, message: 'none' })
    beginStream(response)
    sendText(response, 'half an ans')
    setImmediate(cut, response)
  })
  const end = await runCli(['x'], { env })
  expect(end).toMatchObject({ code: 8, stdout: 'half an ans\n' })
  expect(end.stderr).toMatch(/^caicaini: the answer was cut short/)
})

test('an error event in the stream ends with its own exit code', async () => {
  const env = await play(({ path }, response) => {
    if (path.startsWith('/api/receipts/')) return refuse(response, { status: 404, message: 'none' })
    beginStream(response)
    sendText(response, 'half')
    sendEvent(response, 'error', { error: { type: 'overloaded_error', message: 'the provider is overloaded' } })
    response.end()
  })
  const end = await runCli(['x'], { env })
  expect(end).toMatchObject({ code: 7, stdout: 'half\n', stderr: 'caicaini: the provider is overloaded\n' })
})

test('Ctrl-C stops the answer and says what was delivered cost', async () => {
  const billed = receiptOf({ status: 'aborted', output_tokens: 3, credits: 1, estimated: true, stop_reason: null })
  const gone = Promise.withResolvers<void>()
  const env = await play(({ path }, response) => {
    if (path === `/api/receipts/${REQUEST_ID}?wait=2s`) return json(response, billed)
    response.on('close', gone.resolve)
    beginStream(response)
    sendText(response, 'one two three')
  })
  const { child, ended, printed } = startCli(['count', '--no-stdin'], { env })
  await printed('one two three')
  child.kill('SIGINT')
  await gone.promise
  expect(await ended).toMatchObject({
    code: 130,
    stdout: 'one two three\n',
    stderr: '↳ haiku · 1,204 in · 3 out · 1 credit · balance 9,912.3 · estimated\n'
  })
})

test('a reader that has enough ends it quietly, and the request with it', async () => {
  const gone = Promise.withResolvers<void>()
  const env = await play((_, response) => {
    response.on('close', gone.resolve)
    beginStream(response)
    const more = () => {
      sendText(response, 'more and more\n'.repeat(100))
      if (!response.destroyed) setImmediate(more)
    }
    more()
  })
  const { child, ended, printed } = startCli(['x', '--no-stdin'], { env })
  await printed('more and more')
  child.stdout.destroy()
  await gone.promise
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})

test('an answer without a receipt says how to ask for it', async () => {
  const env = await play(({ path }, response) => {
    if (path.startsWith('/api/receipts/')) return json(response, { status: 'pending' }, 202)
    beginStream(response)
    sendText(response, 'ok')
    sendEvent(response, 'message_stop')
    response.end()
  })
  const end = await runCli(['x'], { env })
  expect(end).toMatchObject({ code: 0, stdout: 'ok\n' })
  expect(end.stderr).toBe(`↳ cost not known yet · caicaini receipts show ${REQUEST_ID}\n`)
})

test('what else there is to say about the price is in the cost line', async () => {
  const receipt = receiptOf({ model: 'auto', model_used: 'caicaini/kimi', provider: 'sandbox', clamped: 2048 })
  const env = await play((_, response) => {
    beginStream(response)
    sendText(response, 'ok')
    endStream(response, { ...receipt, uncollected: 1.5, stop_reason: 'max_tokens', cache_read_tokens: 5000 })
  })
  expect((await runCli(['x'], { env })).stderr).toBe(
    '↳ kimi · 1,204 in · 5,000 cached · 312 out · 2.76 credits · balance 9,912.3 · sandbox · clamped to 2,048 · ' +
      '1.5 credits uncollected · stopped at max_tokens\n'
  )
})
