import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHome, type Home, runCli, startServing } from './support/run-cli.js'

let home: Home

beforeEach(() => {
  home = createHome()
})

afterEach(() => home.remove())

test('on this machine alone, and against a server that runs', async () => {
  const local = await runCli(['--local', 'doctor'], { env: home.env })
  expect(local).toMatchObject({ code: 0, stderr: '' })
  expect(local.stdout).toContain('✓ credits   10,000 credits to spend\n')
  const { url, serving } = await startServing([], { env: home.env })
  const made = await runCli(['--local', 'keys', 'create', '--name', 'me'], { env: home.env })
  const env = { ...home.env, CAICAINI_BASE_URL: url, CAICAINI_API_KEY: made.stdout.trim() }
  const remote = JSON.parse((await runCli(['doctor', '--json'], { env })).stdout)
  expect(remote.ok).toBe(true)
  expect(remote.checks.map(({ name }: { name: string }) => name)).toEqual([
    'version',
    'config',
    'terminal',
    'keychain',
    'network',
    'TLS',
    'clock',
    'key',
    'plan',
    'credits',
    'notice'
  ])
  serving.child.kill('SIGTERM')
  await serving.ended
  const gone = await runCli(['doctor'], { env })
  expect(gone).toMatchObject({ code: 1, stderr: 'caicaini: 1 thing to mend\n' })
  expect(gone.stdout).toMatch(/✗ network {3}cannot reach .*\n {12}→ start the server: caicaini serve\n$/)
})
