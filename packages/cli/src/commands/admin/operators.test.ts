import { describe, expect, test } from 'vitest'
import { runToExitCode } from '../../run-process.js'
import { json, type Play } from '../../testing/play-transport.js'
import { createTestContext, KEY } from '../../testing/test-context.js'

/** Runs words as the process would, as the owner of a data directory that `play` stands for. */
async function local(words: string[], play: Play) {
  const t = createTestContext({ play })
  const exit = await runToExitCode(['--local', ...words], t.facts)
  const [request] = t.server.requests
  return { exit, out: t.stdout(), err: t.stderr(), request, requests: t.server.requests }
}

const key = { id: 'key_1', name: 'laptop', status: 'active', created_at: '2026-11-21T10:00:00.000Z' }

describe('keys rotate', () => {
  const play: Play = ({ method }) =>
    json(method === 'GET' ? { keys: [key] } : { ...key, key: KEY, former_until: '2026-11-22T10:00:00.000Z' })

  test('prints the new text alone, and how long the one before is good', async () => {
    const t = await local(['keys', 'rotate', 'laptop', '--overlap', '2h'], play)
    expect(t).toMatchObject({ exit: 0, out: `${KEY}\n` })
    expect(t.err).toContain('the one before is good until 2026-11-22T10:00Z')
    expect(t.requests[1]).toMatchObject({ path: '/api/keys/key_1/rotate', body: '{"overlap_s":7200}' })
  })

  test('elsewhere says where it is done, and asks for nothing', async () => {
    const t = createTestContext({ play })
    expect(await runToExitCode(['keys', 'rotate', 'laptop'], t.facts)).toBe(2)
    expect(t.stderr()).toContain('https://caicaini.com/account/keys')
    expect(t.server.requests).toEqual([])
  })

  test.each(['soon', '1y', '-1h', ''])('refuses an overlap of %j', async (overlap) => {
    expect((await local(['keys', 'rotate', 'laptop', `--overlap=${overlap}`], play)).exit).toBe(2)
  })
})

test.each([
  ['30d', '2026-12-21T10:00:00.000Z'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['never', null]
])('keys edit --expires %s', async (when, expires_at) => {
  const t = await local(['keys', 'edit', 'laptop', '--expires', when], ({ method }) =>
    json(method === 'GET' ? { keys: [key] } : key)
  )
  expect(t.exit).toBe(0)
  expect(JSON.parse(String(t.requests[1]?.body))).toEqual({ expires_at })
})

describe('operators', () => {
  const standing = { username: 'ada', stopped: true, forfeited: 12.5, history: [] }

  test('ban with a reason, a note and all credits', async () => {
    const words = ['admin', 'users', 'ban', 'ada', '--reason', 'resale', '--note', 'ticket 7', '--forfeit']
    const t = await local(words, () => json(standing))
    expect(t.request).toMatchObject({ method: 'POST', path: '/admin/api/users/ada/ban' })
    expect(JSON.parse(String(t.request?.body))).toEqual({ reason: 'resale', note: 'ticket 7', forfeit: true })
    expect(t.err).toBe(
      'The account "ada" is banned: its sessions, keys and answers under way have stopped. 12.5 credits were taken.\n'
    )
  })

  test('take away a second factor that was lost, and say what it was', async () => {
    const words = ['admin', 'users', 'reset-second-factor', 'ada', '--reason', 'lost her phone']
    const done = { username: 'ada', totp: true, passkeys: 0, recovery_codes: 9, sessions_ended: 1 }
    const t = await local(words, () => json(done))
    expect(t.request).toMatchObject({ method: 'POST', path: '/admin/api/users/ada/reset-second-factor' })
    expect(JSON.parse(String(t.request?.body))).toEqual({ reason: 'lost her phone' })
    expect(t.err).toBe(
      'Took its authenticator app, 9 recovery codes from "ada" and signed out 1 browser. Its password alone lets in now: have it set up another one soon.\n'
    )
  })

  test('must say why', async () => {
    for (const what of ['suspend', 'ban', 'unsuspend', 'reset-second-factor'])
      expect((await local(['admin', 'users', what, 'ada'], () => json(standing))).exit).toBe(2)
  })

  test('read the log, filtered, without a line that could move the cursor', async () => {
    const event = {
      ...{ id: 'evt_1', at: '2026-11-21T10:00:00.000Z', actor: 'olga', action: 'user.suspend', subject: 'ada' },
      ...{
        detail: { reason: 'a\u001b[2J' },
        from: '203.0.113.7',
        before: { status: 'active' },
        after: { status: 'suspended' }
      }
    }
    const t = await local(['admin', 'audit', '--subject', 'ada', '--since', '7d'], () => json({ events: [event] }))
    expect(t.request?.path).toBe('/admin/api/audit?subject=ada&since=7d')
    expect(t.out).toContain('2026-11-21 10:00:00  olga  user.suspend  ada   203.0.113.7')
    expect(t.out).toContain('{"status":"active"} → {"status":"suspended"}')
    expect(t.out).not.toContain('\u001b')
    expect((await local(['admin', 'audit'], () => json({ events: [] }))).err).toContain('Nothing of that kind')
  })

  test('look at flags and decide them', async () => {
    const flag = { id: 'flag_1', at: '2026-11-21T10:00:00.000Z', username: 'ada', kind: 'resale', state: 'open' }
    const list = await local(['admin', 'flags', 'list'], () => json({ flags: [{ ...flag, evidence: { users: 30 } }] }))
    expect(list.request?.path).toBe('/admin/api/flags?state=open')
    expect(list.out).toContain('flag_1  2026-11-21 10:00  ada   resale  open   {"users":30}')
    const done = await local(['admin', 'flags', 'dismiss', 'flag_1', '--acted'], () => ({ status: 204 }))
    expect(done).toMatchObject({ exit: 0, request: { path: '/admin/api/flags/flag_1', body: '{"state":"acted"}' } })
    const freed = await local(['admin', 'flags', 'release', 'ada'], () => ({ status: 204 }))
    expect(freed).toMatchObject({ exit: 0, request: { method: 'POST', path: '/admin/api/users/ada/release' } })
  })

  test('give a role that there is', async () => {
    const user = { id: 'acct_1', username: 'ada', role: 'operator' }
    const t = await local(['admin', 'users', 'role', 'ada', 'operator'], () => json(user))
    expect(t).toMatchObject({ exit: 0, request: { method: 'PUT', path: '/admin/api/users/ada/role' } })
    expect((await local(['admin', 'users', 'role', 'ada', 'king'], () => json(user))).exit).toBe(2)
  })
})
