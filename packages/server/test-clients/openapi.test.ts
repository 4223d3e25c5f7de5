import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Listening, listen } from '../src/http/listen.js'
import { withoutLimits } from '../src/testing/catalog.js'
import { person } from '../src/testing/people.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'
import { bins } from './install.js'

let t: TestServer
let folder: string
/** The same server, to which everybody who comes here without a key is its owner. */
let asOwner: Listening

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'caicaini-schemathesis-'))
  t = await createTestServer({ catalog: withoutLimits, env: { CAICAINI_CAPTCHA: 'off' } })
  const whereItIs = { host: '127.0.0.1', port: 0 }
  asOwner = await listen(
    (request) => t.server.fetchLocal(request),
    whereItIs,
    () => undefined
  )
})
afterEach(async () => {
  await asOwner.close()
  await t.close()
  rmSync(folder, { recursive: true, force: true })
})

async function cliKey(): Promise<string> {
  return (await t.local<{ key: string }>('POST', '/api/keys?username=ada', { name: 'command', scope: 'cli' })).key
}

const withToken = (token: string) => ['--header', `Authorization: Bearer ${token}`]

/** Asks every route what its description allows and what it does not; the exit code, and what was found. */
async function schemathesis(url: string, args: readonly string[]) {
  const config = ['--config-file', join(import.meta.dirname, 'schemathesis.toml')]
  const run = ['run', `${t.url}/api/openapi.json`, '--url', url, '--no-color', '--warnings', 'off', ...args]
  const child = spawn(join(bins.schemathesis, 'schemathesis'), [...config, ...run], { cwd: folder })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}

test.each([
  // Whoever asks there is the owner, known without a key.
  ['the owner', async () => ({ url: asOwner.url, args: ['--exclude-checks', 'ignored_auth'] })],
  ['a key', async () => ({ url: t.url, args: withToken(await cliKey()) })],
  // It would end the session that all else needs.
  [
    'a browser session',
    async () => ({
      url: t.url,
      args: [...withToken((await person(t).register()).access_token), '--exclude-path', '/api/logout']
    })
  ]
])('%s is answered as GET /api/openapi.json describes', { timeout: 300_000 }, async (_who, asked) => {
  const { url, args } = await asked()
  const { code, output } = await schemathesis(url, args)
  expect(code, output).toBe(0)
  expect(output).toMatch(/\d{4} generated, \d{4} passed/)
})
