import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MailFailure } from '../src/mail/mail.js'
import { createSmtpTransport } from '../src/mail/transports/smtp.js'
import { type ChildServers, createChildServers } from '../src/testing/child-server.js'
import { createLetterBox } from '../src/testing/letter-box.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { createSharedData } from '../src/testing/shared-data.js'
import { type PlayedSmtp, playSmtp } from '../src/testing/smtp.js'

const OFF = { CAICAINI_CAPTCHA: 'off' }
const lessPro = (file: { plans: Record<string, { monthly_credits: number }> }) => {
  const { pro } = file.plans
  if (pro) pro.monthly_credits = 20_000
}

async function register(url: string, username: string, from = '192.0.2.1'): Promise<{ access_token: string }> {
  const response = await fetch(`${url}/api/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
    body: JSON.stringify({
      username,
      email: `${username}@example.org`,
      password: 'a compiler of my own',
      age: 18,
      terms: '2026-11-21'
    })
  })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as { access_token: string }
}

describe('by SMTP', () => {
  let smtp: PlayedSmtp
  let t: TestServer
  let lines: Record<string, unknown>[]
  const start = async (env: Record<string, string> = {}) => {
    const write = (level: string) => (fields: object, message: string) => void lines.push({ level, ...fields, message })
    const log = { info: write('info'), warn: write('warn'), error: write('error') }
    t = await createTestServer({ env: { ...OFF, ...smtp.env, ...env }, world: { log } })
  }

  beforeEach(async () => {
    lines = []
    smtp = await playSmtp()
  })
  afterEach(async () => {
    await t?.close()
    await smtp.close()
  })

  test('a mail leaves at once, over TLS, in text and HTML', async () => {
    await start()
    await register(t.url, 'grace')
    await until(() => smtp.received.length > 0)
    const [mail] = smtp.received
    expect(mail).toMatchObject({ to: ['grace@example.org'], isSecure: true })
    expect(mail?.messageId).toMatch(/^<mail_[0-9a-f]{32}@example\.org>$/)
    for (const part of [
      'From: CAICAINI Test <noreply@example.org>',
      'Subject: Caicaini Code: confirm your e-mail address',
      'Auto-Submitted: auto-generated',
      'Content-Type: text/plain',
      'Content-Type: text/html'
    ])
      expect(mail?.raw.toLowerCase()).toContain(part.toLowerCase())
  })

  test('what the server refuses for now is tried again, with the same Message-ID', async () => {
    const ids: string[] = []
    smtp.play(({ messageId }) => {
      ids.push(messageId)
      return ids.length < 3 ? { code: 451, text: 'greylisted grace@example.org' } : 'take'
    })
    await start()
    await register(t.url, 'grace')
    await until(() => lines.some(({ message }) => message === 'a mail could not be sent; trying again'))
    expect(JSON.stringify(lines)).not.toContain('grace@example.org')
    expect(lines.find(({ mail }) => mail)).toMatchObject({ level: 'warn', kind: 'verify', fault: 'EMESSAGE 451' })
    t.clock.advance({ seconds: 75 })
    await until(() => ids.length === 2)
    await until(() => lines.filter(({ mail }) => mail).length === 2)
    t.clock.advance({ seconds: 315 })
    await until(() => smtp.received.length === 1)
    expect(new Set(ids).size).toBe(1)
  })

  test('a recipient that is refused for good is given up, and logged', async () => {
    smtp.refuse('grace@example.org')
    await start()
    await register(t.url, 'grace')
    await until(() => lines.some(({ level }) => level === 'error'))
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({
      fault: 'EENVELOPE 550',
      message: 'a mail was given up: it was refused for good'
    })
  })

  test('a wrong password of ours is the operator’s to mend: the mail waits', async () => {
    await start({ CAICAINI_SMTP_URL: `smtp://caicaini:wrong@127.0.0.1:${smtp.port}` })
    await register(t.url, 'grace')
    await until(() => lines.some(({ fault }) => fault === 'EAUTH 535'))
    expect(lines.some(({ level }) => level === 'error')).toBe(false)
  })

  const letter = {
    messageId: '<mail_1@example.org>',
    from: 'noreply@example.org',
    to: 'grace@example.org',
    dateMs: 0,
    subject: 'x',
    text: 'x',
    html: '<p>x</p>',
    link: null
  }
  const send = async (change: object) => {
    const { port, caPath, auth } = smtp
    const config = { host: '127.0.0.1', port, isImplicitTls: false, isLoopback: false, auth, caPath, ...change }
    return createSmtpTransport(config)
      .send(letter, AbortSignal.timeout(5_000))
      .then(
        () => 'sent',
        (error) => (error instanceof MailFailure ? error.code : error)
      )
  }

  test('a server elsewhere needs TLS, and a certificate that somebody vouches for', async () => {
    expect(await send({})).toBe('sent')
    expect(await send({ caPath: null })).toBe('ESOCKET DEPTH_ZERO_SELF_SIGNED_CERT')
    await smtp.close()
    smtp = await playSmtp({ tls: false })
    expect(await send({})).toBe('ETLS 500')
    expect(await send({ isLoopback: true, caPath: null })).toBe('sent')
    expect(smtp.received).toHaveLength(1)
  })
})

describe('a killed server', () => {
  let smtp: PlayedSmtp
  let data: ChildServers
  beforeEach(async () => {
    smtp = await playSmtp()
    data = await createChildServers({ env: { ...OFF, ...smtp.env } })
  })
  afterEach(async () => {
    await data.close()
    await smtp.close()
  })
  const names = Array.from({ length: 12 }, (_, i) => `user${i}`)
  const registerAll = (url: string) =>
    Promise.all(names.map((name, i) => register(url, name, `192.0.2.${i + 1}`).catch(() => undefined)))

  test('loses no mail, and what nobody had taken comes once', async () => {
    let taken = 0
    // All that are in hand after the third wait for an answer that never comes.
    smtp.play(() => (++taken > 3 ? 'stall' : 'take'))
    const first = await data.serve()
    await registerAll(first.url)
    await until(() => taken > 3)
    await first.kill()
    const before = smtp.received.map(({ messageId }) => messageId)
    smtp.play(() => 'take')
    const second = await data.serve()
    await until(() => smtp.received.length >= names.length)
    expect(await second.stop()).toBe(0)
    expect(smtp.received.flatMap(({ to }) => to).sort()).toEqual(names.map((name) => `${name}@example.org`).sort())
    expect(smtp.received.slice(0, before.length).map(({ messageId }) => messageId)).toEqual(before)
  })

  test('at any moment: every account that was told of is written to, and a mail that comes twice is known by its Message-ID', async () => {
    for (const [round, delayMs] of [5, 40, 90].entries()) {
      const server = await data.serve()
      const made = names.slice(0, 4).map((name, i) => {
        const username = `${name}r${round}`
        return register(server.url, username, `198.51.${round}.${i + 1}`).then(
          () => `${username}@example.org`,
          () => null
        )
      })
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await server.kill()
      const told = (await Promise.all(made)).filter((email) => email !== null)
      const next = await data.serve()
      await until(() => told.every((email) => smtp.received.some(({ to }) => to.includes(email))))
      await next.stop()
    }
    const byMail = new Map<string, Set<string>>()
    for (const { to, messageId } of smtp.received)
      for (const email of to) byMail.set(email, (byMail.get(email) ?? new Set()).add(messageId))
    for (const ids of byMail.values()) expect(ids.size).toBe(1)
  })
})

describe('two processes on one directory', () => {
  test('send each mail once', async () => {
    const smtp = await playSmtp()
    const data = await createChildServers({ env: { ...OFF, ...smtp.env } })
    const servers = [await data.serve(), await data.serve()]
    const names = Array.from({ length: 16 }, (_, i) => `user${i}`)
    await Promise.all(names.map((name, i) => register(servers[i % 2]?.url ?? '', name, `192.0.2.${i + 1}`)))
    await until(() => smtp.received.length >= names.length)
    for (const server of servers) await server.stop()
    expect(smtp.received).toHaveLength(names.length)
    await data.close()
    await smtp.close()
  })
})

describe('as files', () => {
  test('mails are kept for their owner alone, and nothing of them in the database', async () => {
    const data = createSharedData()
    const lines: object[] = []
    const log = { info: (fields: object) => void lines.push(fields), warn: () => undefined, error: () => undefined }
    const p = await data.start(undefined, { log }, OFF)
    const { url } = await p.listen()
    await register(url, 'grace')
    const folder = join(data.dir, 'mail')
    await until(() => lines.some((line) => 'link' in line))
    const files = readdirSync(folder)
    expect(files).toHaveLength(1)
    const path = join(folder, files[0] ?? '')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toContain('To: grace@example.org')
    expect(lines.find((line) => 'link' in line)).toMatchObject({
      to: 'grace@example.org',
      path,
      link: expect.stringMatching(/\/verify\/[\w-]{43}$/)
    })
    await p.close()
    const rows = new Database(join(data.dir, 'caicaini.sqlite')).prepare('select * from mail').all()
    expect(rows).toMatchObject([{ state: 'sent', sealed: null, kind: 'verify' }])
    data.clock.advance({ days: 15 })
    const again = await data.start(undefined, {}, OFF)
    await again.listen()
    const count = () => new Database(join(data.dir, 'caicaini.sqlite')).prepare('select count(*) n from mail').get()
    await until(() => (count() as { n: number }).n === 0)
    await data.close()
  })

  test('what waits is sealed', async () => {
    const data = createSharedData()
    const p = await data.start(undefined, {}, OFF)
    // Without a listening server nothing leaves.
    await p.send('POST', '/api/register', {
      username: 'grace',
      email: 'grace@example.org',
      password: 'a compiler of my own',
      age: 18,
      terms: '2026-11-21'
    })
    const rows = new Database(join(data.dir, 'caicaini.sqlite')).prepare('select * from mail').all()
    expect(rows).toMatchObject([{ state: 'queued', sealed: expect.stringMatching(/^v1\.k1\./) }])
    expect(JSON.stringify(rows)).not.toContain('grace')
    await data.close()
  })
})

describe('notices', () => {
  test('who loses something by a catalog is told once, seven days ahead; who has no proven address is not', async () => {
    const data = createSharedData()
    const letters = createLetterBox()
    const world = { mailTransport: letters.transport }
    const first = await data.start(undefined, world, OFF)
    const { url } = await first.listen()
    await register(url, 'grace')
    await register(url, 'linus')
    for (const username of ['grace', 'linus'])
      await first.send('PUT', `/admin/api/users/${username}/subscription`, { plan: 'pro' })
    const token = letters.tokenOf(await letters.next('confirm', { to: 'grace@example.org' }))
    const response = await fetch(`${url}/api/account/verify/confirm`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token })
    })
    expect(response.status).toBe(204)
    await first.send('PUT', '/admin/api/users/grace/subscription', { plan: 'free' })
    expect((await letters.next('your plan will be Free')).to).toBe('grace@example.org')
    await first.send('PUT', '/admin/api/users/grace/subscription', { plan: 'pro' })
    await first.close()

    for (let i = 0; i < 2; i++) {
      const p = await data.start(lessPro as never, world, OFF)
      await p.listen()
      await letters.next('what changes on 2026-11-22')
      await p.close()
    }
    const quiet = await data.start(lessPro as never, world, OFF)
    await quiet.listen()
    data.clock.advance({ minutes: 2 })
    await quiet.close()
    const told = letters.find('what changes')
    expect(told.map(({ to }) => to)).toEqual(['grace@example.org'])
    expect(told[0]?.text.replace(/\s+/g, ' ')).toContain('The plan Pro has 20,000 credits a month (now 22,000).')
    await data.close()
  })
})
