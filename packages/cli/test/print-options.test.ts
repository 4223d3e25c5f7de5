import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  answer,
  beginStream,
  json,
  KEY,
  type PlayedServer,
  playServer,
  refuse,
  sendText
} from './support/played-server.js'
import { createHome, type Home, runCli, startCli } from './support/run-cli.js'
import { openTerminal } from './support/terminal.js'

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

const sent = () => JSON.parse(server?.received.at(-1)?.body ?? '')
const path = (name: string) => join(home.dir, name)

test('files go along before the prompt, each as what its bytes are', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  writeFileSync(path('notes.png'), 'only a text')
  writeFileSync(path('shot.txt'), Buffer.from('89504e470d0a1a0a00', 'hex'))
  writeFileSync(path('paper'), '%PDF-1.7 …')
  const end = await runCli(['-f', path('notes.png'), '-f', path('shot.txt'), 'see', '--file', path('paper')], { env })
  expect(end).toMatchObject({ code: 0, stdout: 'ok\n' })
  const { content } = sent().messages[0]
  expect(content[0].text).toBe('<file name="notes.png">\nonly a text\n</file>')
  expect([content[1].type, content[1].source.media_type]).toEqual(['image', 'image/png'])
  expect([content[2].type, content[2].title]).toEqual(['document', 'paper'])
  expect(content[3]).toEqual({ type: 'text', text: 'see' })
  writeFileSync(path('binary'), Buffer.from([0, 1, 2, 255]))
  const refused = await runCli(['-f', path('binary'), 'see'], { env })
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('neither text, an image') })
})

test('more on stdin than a request may have is refused while it comes, in bounded memory', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  const peak = "process.on('exit', () => process._rawDebug('peak', process.resourceUsage().maxRSS))"
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(peak)}`
  const { child, ended } = startCli(['review'], { env: { ...env, NODE_OPTIONS } })
  const piece = Buffer.alloc(1024 * 1024, 'x')
  let left = 100
  const more = () => {
    while (left-- > 0) if (!child.stdin.write(piece)) return void child.stdin.once('drain', more)
    child.stdin.end()
  }
  more()
  const end = await ended
  expect(end).toMatchObject({ code: 2, stdout: '' })
  expect(end.stderr).toContain('stdin has more than 32 MB')
  const peakKb = Number(/peak (\d+)/.exec(end.stderr)?.[1])
  expect(peakKb).toBeGreaterThan(30_000)
  expect(peakKb).toBeLessThan(160_000)
  expect(server?.received).toHaveLength(0)
})

test('-x prints the first code block alone, --xl the last, and an answer without one is kept on stderr', async () => {
  const env = await play((_, response) => answer(response, ['Run:\n```sh\nls', ' -l\n```\nor\n```\npwd\n```\n']))
  expect(await runCli(['x', '-xq'], { env })).toMatchObject({ code: 0, stdout: 'ls -l\n', stderr: '' })
  expect(await runCli(['x', '--xl'], { env })).toMatchObject({ code: 0, stdout: 'pwd\n' })
  await server?.close()
  const none = await play((_, response) => answer(response, ['just words']))
  const end = await runCli(['x', '-x', '-q'], { env: none })
  expect(end).toMatchObject({ code: 1, stdout: '' })
  expect(end.stderr).toContain('there is no code block in the answer\nThe answer was:\njust words')
})

test('-o writes the answer whole, or leaves what was there', async () => {
  const env = await play(({ path: asked }, response, number) => {
    if (asked.startsWith('/api/receipts/')) return refuse(response, { status: 404, message: 'none' })
    if (number === 1) return answer(response, ['first'])
    beginStream(response)
    sendText(response, 'half an')
    setImmediate(() => response.destroy())
  })
  const file = path('answer.md')
  expect(await runCli(['x', '-o', file], { env })).toMatchObject({ code: 0, stdout: '' })
  expect(readFileSync(file, 'utf8')).toBe('first\n')
  const end = await runCli(['x', '-o', file], { env })
  expect(end).toMatchObject({ code: 8, stdout: '' })
  expect(end.stderr).toContain('half an')
  expect(readFileSync(file, 'utf8')).toBe('first\n')
})

const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' } },
  additionalProperties: false
}

test.each([
  ['no/such/folder/x', 'there is no folder'],
  ['.', 'it is no file']
])('-o %s is refused before anything is paid', async (name, why) => {
  const env = await play((_, response) => answer(response, ['ok']))
  const end = await runCli(['x', '-o', path(name)], { env })
  expect(end).toMatchObject({ code: 2, stderr: expect.stringContaining(why) })
  expect(server?.received).toHaveLength(0)
})

test('--schema lets through only what fits', async () => {
  const texts = ['```json\n{"name": "Ann"}\n```', '{"name": 7, "age": 3}', 'no JSON']
  const env = await play((_, response, number) => answer(response, [texts[number - 1] ?? '']))
  writeFileSync(path('schema.json'), JSON.stringify(SCHEMA))
  const words = ['who', '--schema', path('schema.json'), '-q', '--system', 'Be brief.']
  expect(await runCli(words, { env })).toEqual({ code: 0, signal: null, stdout: '{\n  "name": "Ann"\n}\n', stderr: '' })
  expect(sent().system).toMatch(/^Be brief\.\n\nAnswer with one JSON value alone.*additionalProperties/s)
  const wrong = await runCli(words, { env })
  expect(wrong).toMatchObject({ code: 1, stdout: '' })
  expect(wrong.stderr).toContain('/name: must be string')
  expect(wrong.stderr).toContain('{"name": 7, "age": 3}')
  expect(await runCli(words, { env })).toMatchObject({ code: 1, stderr: expect.stringContaining('is not JSON') })
})

test('stream-json tells what happens line by line, its failure too', async () => {
  const env = await play((request, response, number) => {
    if (request.path.startsWith('/api/')) return refuse(response, { status: 404, message: 'none' })
    if (number === 1) return answer(response, ['a', 'b'])
    refuse(response, { status: 400, code: 'invalid_request', message: 'no' })
  })
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const end = await runCli(['x', '--output-format', 'stream-json', '-m', 'haiku'], { env })
  const [start, ...rest] = linesOf(end.stdout)
  expect(start).toMatchObject({ type: 'start', version: 1, model: 'haiku' })
  expect(rest.map(({ type, text }) => [type, text])).toEqual([
    ['text', 'a'],
    ['text', 'b'],
    ['end', undefined]
  ])
  expect(rest.at(-1)).toMatchObject({ stop_reason: 'end_turn', receipt: { credits: 2.764 }, route_reason: 'asked for' })
  const failed = await runCli(['x', '--output-format', 'stream-json'], { env })
  expect(failed.code).toBe(2)
  expect(linesOf(failed.stdout)).toEqual([{ type: 'error', exit: 2, code: 'invalid_request', message: 'no' }])
})

const MODEL = {
  id: 'claude-haiku-4-5',
  aliases: ['haiku', 'caicaini/haiku'],
  price: { input: 1_000, output: 5_000 },
  context_window: 200_000,
  description: ''
}

test('--max-credits refuses before anything is sent, and else bounds the answer', async () => {
  const env = await play(({ path: asked }, response) => {
    if (asked === '/v1/models') return json(response, { data: [MODEL] })
    if (asked === '/v1/messages/count_tokens') return json(response, { input_tokens: 10_000 })
    answer(response, ['ok'])
  })
  const refused = await runCli(['x', '-m', 'haiku', '--max-credits', '12'], { env })
  expect(refused).toMatchObject({ code: 5, stdout: '' })
  expect(refused.stderr).toContain('this would cost about 13 credits (10,000 tokens to haiku), above 12 credits')
  expect(server?.received.map((one) => one.path)).not.toContain('/v1/messages')
  expect(await runCli(['x', '-m', 'haiku', '--max-credits', '15'], { env })).toMatchObject({ code: 0 })
  expect(sent().max_tokens).toBe(1_000)
})

test('--dry-run says what it would cost and sends nothing', async () => {
  const words = ['--local', '-m', 'haiku', '--dry-run', 'say hello']
  const end = await runCli(words, { env: home.env })
  expect(end).toMatchObject({ code: 0, stderr: '' })
  expect(end.stdout).toMatch(
    /^model +haiku → claude-haiku-4-5 \(you picked this model\)\ninput +\d+ tokens, estimated\nanswer +8,192 tokens at most\ncredits +about 3\.\d+ credits, 4\d\.\d+ credits at most\n$/
  )
  const asJson = JSON.parse((await runCli([...words, '--output-format', 'json'], { env: home.env })).stdout)
  expect(asJson).toMatchObject({ model: 'haiku', model_used: 'claude-haiku-4-5', max_tokens: 8192 })
  expect((await runCli(['--local', 'balance'], { env: home.env })).stdout).toBe('10,000 credits\n')
})

test('a server that cannot count is guessed for', async () => {
  const env = await play(({ path: asked }, response) => {
    if (asked === '/v1/models') return json(response, { data: [MODEL] })
    refuse(response, { status: 404, message: 'no such route' })
  })
  const end = await runCli(['-m', 'haiku', '--dry-run', 'say hello'], { env })
  expect(end).toMatchObject({ code: 0, stdout: expect.stringContaining('3 tokens, estimated') })
})

test('a template takes the words and what is piped in', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  const saved = await runCli(['templates', 'edit', 'review'], { env, stdin: 'Review {{ input }} now\n' })
  expect(saved.code).toBe(0)
  await runCli(['--template', 'review'], { env, stdin: 'this diff\n' })
  expect(sent().messages[0].content).toBe('Review this diff now\n')
  await runCli(['--template', 'review', 'it'], { env, stdin: 'diff' })
  expect(sent().messages[0].content).toBe('Review it\n\n<stdin>\ndiff\n</stdin> now\n')
  expect(await runCli(['--template', 'review'], { env })).toMatchObject({ code: 2 })
})

test('instructions may come from a file, and an effort goes along', async () => {
  const env = await play((_, response) => answer(response, ['ok']))
  writeFileSync(path('system.md'), 'Be brief.\n')
  await runCli(['x', '--system-file', path('system.md'), '--effort', 'low'], { env })
  expect(sent()).toMatchObject({ system: 'Be brief.\n', output_config: { effort: 'low' } })
  expect(server?.received[0]?.headers['anthropic-beta']).toBe('effort-2025-11-24')
})

test('--fork goes on in a copy, and the chat stays as it is', async () => {
  const env = home.env
  await runCli(['--local', '-m', 'haiku', '--save', 'first'], { env })
  const forked = await runCli(['--local', '-c', '--fork', 'second', '--output-format', 'json'], { env })
  const { chat } = JSON.parse(forked.stdout)
  const listed = await runCli(['--local', 'chats', 'list', '--json'], { env })
  const chats = listed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const messages = Object.fromEntries(chats.map((one: { id: string; messages: number }) => [one.id, one.messages]))
  expect(messages[chat]).toBe(4)
  expect(Object.values(messages).sort()).toEqual([2, 4])
})

test('a terminal shows markdown drawn, and with --raw as it is', async () => {
  const env = await play((_, response) => answer(response, ['# Title\n\nsome **bold', '** words\n\n- item\n']))
  const drawn = openTerminal(['-p', 'x'], { env })
  await drawn.ended
  expect(drawn.everything()).toMatch(/^Title\n\nsome bold words\n\n.? ?item\n↳ haiku/m)
  const raw = openTerminal(['-p', 'x', '--raw'], { env })
  await raw.ended
  expect(raw.everything()).toContain('some **bold** words')
})
