import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { run } from '../commands/doctor.js'
import { json, type Play, refusal } from '../testing/play-transport.js'
import { createTestContext } from '../testing/test-context.js'

const ENV = { CAICAINI_KEYCHAIN: 'off', CAICAINI_BASE_URL: 'https://code.example.org' }
const SELF = {
  key: { name: 'laptop', scope: 'cli' },
  account: { username: 'ann', plan: 'pro', tier: 'pay_as_you_go' },
  notice: null
}
/** A server whose clock is off by `skewS`. */
const playing =
  ({ skewS = 0, available = 12.5 } = {}): Play =>
  ({ path }) => {
    if (path === '/healthz') {
      const date = new Date(Date.UTC(2026, 10, 21, 10) + skewS * 1000).toUTCString()
      return { ...json({ status: 'ok' }), headers: { date } }
    }
    return json(path === '/api/balance' ? { balance: available, available } : SELF)
  }

async function doctor(play: Play, env: Record<string, string> = ENV) {
  const t = createTestContext({ play, env })
  const error = await run({ json: true }, t.context).catch((thrown) => thrown)
  const { ok, checks } = JSON.parse(t.stdout())
  return { ok, error, bad: checks.filter((one: { ok: boolean }) => !one.ok), checks }
}

test('all is well', async () => {
  const t = createTestContext({ play: playing(), env: ENV })
  await run({}, t.context)
  expect(t.stdout()).toMatch(/^✓ version {3}caicaini 0\.0\.0-test, Node \d+\.\d+/)
  expect(t.stdout()).toContain('✓ TLS       the certificate is accepted\n✓ clock     agrees')
  expect(t.stdout()).toContain('✓ plan      pro of ann, tier pay_as_you_go\n✓ credits   12.5 credits to spend\n')
  expect(t.stdout()).not.toContain('✗')
})

test('what is wrong comes with what to do, and exit 1', async () => {
  expect(await doctor(playing({ skewS: 180 }))).toMatchObject({
    ok: false,
    error: { exit: 1, message: '1 thing to mend' },
    bad: [{ name: 'clock', said: expect.stringMatching(/^1(79|80) s off/), mend: expect.stringContaining('NTP') }]
  })
  expect((await doctor(playing({ available: 0 }))).bad).toMatchObject([{ name: 'credits', mend: expect.any(String) }])
  const plain = { ...ENV, CAICAINI_BASE_URL: 'http://code.example.org' }
  expect((await doctor(playing(), plain)).bad).toMatchObject([{ name: 'TLS', said: expect.stringContaining('none') }])
})

test('a server that is none of ours, and a key that it refuses', async () => {
  expect((await doctor(() => json({ hello: 1 }))).bad).toMatchObject([
    { name: 'network', mend: expect.stringContaining('sign in to the network') }
  ])
  const refusing: Play = (request, number) =>
    request.path === '/healthz' ? playing()(request, number) : refusal(401, 'unknown_key', 'the key is unknown')
  expect((await doctor(refusing)).bad).toMatchObject([{ name: 'key', mend: 'mend CAICAINI_API_KEY, or take it away' }])
  const nobody = { ...ENV, CAICAINI_API_KEY: '' }
  expect((await doctor(playing(), nobody)).bad).toMatchObject([{ name: 'key', mend: 'caicaini auth login' }])
})

test('a broken file of settings ends the look before anyone is asked', async () => {
  const t = createTestContext({ play: playing(), env: { CAICAINI_KEYCHAIN: 'off' } })
  writeFileSync(`${t.home}/config.json`, '{')
  const own = createTestContext({ play: playing(), env: { CAICAINI_KEYCHAIN: 'off', CAICAINI_CONFIG_DIR: t.home } })
  await expect(run({}, own.context)).rejects.toMatchObject({ exit: 1 })
  expect(own.stdout()).toContain('is not a JSON object')
  expect(own.server.requests).toHaveLength(0)
})
