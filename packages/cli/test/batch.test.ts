import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  answer,
  beginStream,
  endStream,
  json,
  KEY,
  type PlayedServer,
  playServer,
  receiptOf,
  refuse,
  sendText
} from './support/played-server.js'
import { createHome, type Home, runCli, startCli } from './support/run-cli.js'

let home: Home
let server: PlayedServer | undefined
let input: string
let output: string

beforeEach(() => {
  home = createHome()
  input = join(home.dir, 'in.jsonl')
  output = join(home.dir, 'out.jsonl')
})

afterEach(async () => {
  await server?.close()
  server = undefined
  home.remove()
})

type Handler = Parameters<typeof playServer>[0]

async function play(handler: Handler): Promise<Record<string, string>> {
  server = await playServer(handler)
  return { ...home.env, CAICAINI_BASE_URL: server.url, CAICAINI_API_KEY: KEY }
}

const write = (lines: readonly unknown[]) =>
  writeFileSync(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
const written = () =>
  readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const promptOf = ({ body }: { body: string }) => JSON.parse(body).messages[0].content as string
const asked = () => server?.received.filter(({ path }) => path === '/v1/messages').map(promptOf) ?? []

test('answers come in the order of the questions, however they arrive', async () => {
  const late: (() => void)[] = []
  const env = await play((request, response) => {
    const reply = () => answer(response, [`re: ${promptOf(request)}`])
    // The first waits for the last.
    if (promptOf(request) === 'p0') late.push(reply)
    else reply()
    if (promptOf(request) === 'p5') for (const go of late) go()
  })
  write([
    'p0',
    ...[1, 2, 3, 4].map((n) => ({ id: `i${n}`, prompt: `p${n}` })),
    { prompt: 'p5', model: 'opus', max_tokens: 9 }
  ])
  const end = await runCli(['batch', input, '-o', output, '-j', '3', '-m', 'haiku'], { env })
  expect(end).toMatchObject({ code: 0, stdout: '' })
  expect(end.stderr).toMatch(/\n↳ 6 answered · 16\.58 credits · balance 9,912\.3\n$/)
  expect(written().map(({ line, id, text }) => [line, id, text])).toEqual([
    [1, null, 're: p0'],
    [2, 'i1', 're: p1'],
    [3, 'i2', 're: p2'],
    [4, 'i3', 're: p3'],
    [5, 'i4', 're: p4'],
    [6, null, 're: p5']
  ])
  expect(written()[0]).toMatchObject({ stop_reason: 'end_turn', receipt: { credits: 2.764 } })
  const last = JSON.parse(server?.received.find((one) => promptOf(one) === 'p5')?.body ?? '')
  expect(last).toMatchObject({ model: 'opus', max_tokens: 9 })
  expect(existsSync(`${output}.part`)).toBe(false)
})

test('out of credits it stops, keeps what is there, and goes on later with the rest', async () => {
  let credits = 3
  const env = await play((request, response) => {
    if (request.path === '/api/balance') return json(response, { balance: 0, held: 0, available: 0, grants: [] })
    if (credits-- <= 0) return refuse(response, { status: 402, code: 'insufficient_quota', message: 'this needs more' })
    answer(response, [`re: ${promptOf(request)}`])
  })
  write(Array.from({ length: 8 }, (_, n) => `p${n}`))
  const first = await runCli(['batch', input, '-o', output, '-j', '1'], { env })
  expect(first.code).toBe(5)
  expect(first.stderr).toContain('Your balance is 0 credits')
  expect(first.stderr).toContain('5 lines without an answer; the same command goes on with them')
  expect(written().map(({ text }) => text)).toEqual(['re: p0', 're: p1', 're: p2'])
  expect(asked()).toHaveLength(4)
  credits = 100
  // A line more at the top moves the others, and changes nothing of them.
  write(['new', ...Array.from({ length: 8 }, (_, n) => `p${n}`)])
  const second = await runCli(['batch', input, '-o', output], { env })
  expect(second.code).toBe(0)
  expect(second.stderr).toContain('↳ 6 answered · 3 before')
  expect(asked()).toHaveLength(10)
  expect(written().map(({ text }) => text)).toEqual(['re: new', ...Array.from({ length: 8 }, (_, n) => `re: p${n}`)])
})

test('kill -9 loses no answer that came', async () => {
  const env = await play((request, response) => {
    if (promptOf(request) !== 'stall') return answer(response, ['ok'])
    beginStream(response)
    sendText(response, 'half')
  })
  write(['a', 'b', 'stall'])
  const running = startCli(['batch', input, '-o', output, '-j', '1', '-q'], { env })
  await expect.poll(() => asked().includes('stall'), { timeout: 20_000 }).toBe(true)
  running.child.kill('SIGKILL')
  await running.ended
  expect(existsSync(output)).toBe(false)
  write(['a', 'b', 'c'])
  expect((await runCli(['batch', input, '-o', output, '-q'], { env })).code).toBe(0)
  expect(asked()).toEqual(['a', 'b', 'stall', 'c'])
  expect(written()).toHaveLength(3)
})

test('Ctrl-C begins nothing more, and lets what is paid come to its end', async () => {
  const slow: (() => void)[] = []
  const env = await play((request, response) => {
    if (promptOf(request) === 'a') return answer(response, ['ok'])
    beginStream(response)
    slow.push(() => endStream(response))
  })
  write(['a', 'b', 'c', 'd'])
  const running = startCli(['batch', input, '-o', output, '-j', '1', '-q'], { env })
  await expect.poll(() => slow.length, { timeout: 20_000 }).toBe(1)
  running.child.kill('SIGINT')
  await running.printed('comes to its end')
  for (const end of slow) end()
  const end = await running.ended
  expect(end.code).toBe(130)
  expect(end.stderr).toContain('2 lines without an answer')
  expect(written().map(({ line }) => line)).toEqual([1, 2])
})

test('lines that fail are written with their error, and asked again the next time', async () => {
  let broken = true
  const env = await play((request, response) => {
    if (promptOf(request) === 'bad' && broken)
      return refuse(response, { status: 400, code: 'invalid_request', message: 'no' })
    answer(response, ['ok'])
  })
  write(['good', 'bad'])
  const end = await runCli(['batch', input, '-o', output], { env })
  expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('1 line failed: see "error" in') })
  expect(written()[1]).toMatchObject({ line: 2, error: { exit: 2, code: 'invalid_request', message: 'no' } })
  broken = false
  expect((await runCli(['batch', input, '-o', output], { env })).code).toBe(0)
  expect(asked().toSorted()).toEqual(['bad', 'bad', 'good'])
})

test('it waits for the minute rather than running into its limit', async () => {
  let left = 2
  let resetAtMs = 0
  const env = await play((_, response) => {
    const nowMs = Date.now()
    if (nowMs >= resetAtMs) {
      left = 2
      resetAtMs = nowMs + 1_500
    }
    left--
    if (left < 0) return refuse(response, { status: 429, code: 'rate_limit', message: 'slow down' })
    const resetS = Math.ceil((resetAtMs - nowMs) / 1000)
    response.setHeader('x-ratelimit-limit-requests', '2')
    response.setHeader('x-ratelimit-remaining-requests', String(left))
    response.setHeader('x-ratelimit-reset-requests', String(resetS))
    answer(response, ['ok'])
  })
  write(['a', 'b', 'c', 'd', 'e'])
  expect(await runCli(['batch', input, '-o', output, '-j', '1', '-q'], { env })).toMatchObject({ code: 0, stderr: '' })
  // None was refused.
  expect(asked()).toHaveLength(5)
})

test('fewer run at once where the tier has fewer streams', async () => {
  let open = 0
  const env = await play((_, response) => {
    if (open >= 1)
      return refuse(response, { status: 429, code: 'rate_limit', message: 'streams', headers: { 'retry-after': '0' } })
    open++
    beginStream(response)
    setTimeout(() => {
      open--
      endStream(response, receiptOf())
    }, 30)
  })
  write(Array.from({ length: 12 }, (_, n) => `p${n}`))
  expect(await runCli(['batch', input, '-o', output, '-j', '4', '-q'], { env })).toMatchObject({ code: 0, stderr: '' })
  expect(written()).toHaveLength(12)
}, 90_000)

test('--max-credits begins no line that would bring the sum above it', async () => {
  const price = { input: 1_000, output: 5_000 }
  const env = await play((request, response) => {
    if (request.path === '/v1/models') return json(response, { data: [{ id: 'haiku', aliases: [], price }] })
    answer(response, ['ok'])
  })
  write(Array.from({ length: 8 }, (_, n) => `p${n}`))
  const end = await runCli(['batch', input, '-o', output, '-j', '1', '-m', 'haiku', '--max-credits', '10'], { env })
  expect(end.code).toBe(5)
  // 2.764 each, and about 3 for the next one.
  expect(end.stderr).toContain('stopped before line 4, which could bring it above 10 credits')
  expect(written()).toHaveLength(3)
})

test.each([
  ['"unfinished', 'must be a JSON text or an object'],
  ['{"prompt": "x", "modle": "y"}', '"modle" is no field'],
  ['{"model": "y"}', 'needs a "prompt" or "messages"'],
  ['', 'has no lines']
])('%s is refused with its line before anything is sent', async (line, message) => {
  const env = await play((_, response) => answer(response, ['ok']))
  writeFileSync(input, line === '' ? '\n' : `"fine"\n${line}\n`)
  const end = await runCli(['batch', input, '-o', output], { env })
  expect(end).toMatchObject({ code: 2, stdout: '' })
  expect(end.stderr).toContain(message)
  if (line !== '') expect(end.stderr).toContain(':2')
  expect(server?.received).toHaveLength(0)
})
