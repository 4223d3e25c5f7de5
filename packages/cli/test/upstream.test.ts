import { LLMock } from '@copilotkit/aimock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli } from './support/run-cli.js'
import { KEYS, openTerminal } from './support/terminal.js'

let home: Home
let upstream: LLMock
let env: Record<string, string>

beforeEach(async () => {
  home = createHome()
  upstream = new LLMock({ port: 0, host: '127.0.0.1' })
  upstream.onMessage(/hello/, {
    content: 'Hello from a played Anthropic.',
    usage: { input_tokens: 1204, output_tokens: 312 }
  })
  await upstream.start()
  env = { ...home.env, ANTHROPIC_API_KEY: 'sk-ant-played', CAICAINI_ANTHROPIC_BASE_URL: upstream.url }
})

afterEach(async () => {
  await upstream.stop()
  home.remove()
})

test("with a provider's key one answer comes from it, billed by its own count", async () => {
  const end = await runCli(['--local', '-m', 'haiku', 'say hello'], { env })
  expect(end).toMatchObject({ code: 0, stdout: 'Hello from a played Anthropic.\n' })
  // $1 and $5 a million: 1,204 in and 312 out are 1.204 + 1.56 credits.
  expect(end.stderr).toBe('↳ haiku · 1,204 in · 312 out · 2.76 credits · balance 9,997.24\n')
  const { stdout } = await runCli(['--local', 'balance', '--json'], { env })
  expect(JSON.parse(stdout).balance).toBe(10_000 - 2.764)
  expect(upstream.getRequests()).toHaveLength(1)
})

test('the chat goes through it too', async () => {
  const chat = openTerminal(['--local', '-m', 'haiku'], { env })
  await chat.until(/balance 10,000/)
  expect(chat.everything()).not.toContain('sandbox')
  chat.type(`say hello${KEYS.enter}`)
  await chat.until(/1,204 in · 312 out · 2\.76 credits/)
  chat.type(`/quit${KEYS.enter}`)
  expect((await chat.ended).code).toBe(0)
  chat.close()
})

test('a refused provider key names the variable to mend, to the owner, and is not tried again', async () => {
  upstream.setChaos({ dropRate: 0 })
  upstream.nextRequestError(401, { message: 'invalid x-api-key', type: 'authentication_error' })
  const end = await runCli(['--local', '-m', 'haiku', 'say hello'], { env })
  expect(end).toMatchObject({ code: 7, stdout: '' })
  expect(end.stderr).toContain('ANTHROPIC_API_KEY')
  expect(end.stderr).not.toContain('sk-ant-played')
  expect(upstream.getRequests()).toHaveLength(1)
})

test('a model whose provider has no key names the variable that would bring it', async () => {
  const end = await runCli(['--local', '-m', 'kimi', 'say hello'], { env })
  expect(end.code).toBe(7)
  expect(end.stderr).toContain('MOONSHOT_API_KEY')
})
