import { describe, expect, test } from 'vitest'
import { frame } from './frame.js'
import { type MailData, type MailKind, TEMPLATES, wordsOf } from './templates/index.js'

const NASTY = `<b>"x"&'y'\u0000\r\nBcc: all@example.org`
const atMs = Date.UTC(2026, 10, 21, 17, 30)
const SAMPLES: MailData = {
  verify: { token: 'TOKEN' },
  reset: { token: 'TOKEN' },
  email_change: { token: 'TOKEN' },
  email_changed: { token: 'TOKEN', email: NASTY },
  sign_in: { agent: NASTY, address: '192.0.2.7', atMs },
  password_changed: { by: 'reset', atMs },
  second_factor: { what: 'an authenticator app was added', atMs },
  key_leaked: { name: NASTY, hint: 'cai_api_…1234', where: NASTY, atMs },
  key_old: { name: NASTY, hint: 'cai_api_…1234', createdAtMs: atMs },
  payment: { paid: '20.00 USD', given: '200 credits', reference: 'pay_1', atMs },
  plan_change: { from: 'Free', to: 'Pro', fromMs: atMs, isNow: false },
  terms: { sentences: ['Haiku is no part of the plan Free any more.'], day: '2026-11-28' },
  suspension: { reason: NASTY },
  closure: { atMs }
}
const addressee = { username: 'grace', publicUrl: 'https://llm.example.org' }
const kinds = Object.keys(TEMPLATES) as MailKind[]

describe.each(kinds)('the mail %s', (kind) => {
  const mail = frame(wordsOf(kind, SAMPLES[kind]), addressee)

  test('says why it was sent and to which account, in text and in HTML', () => {
    for (const body of [mail.text.replace(/\s+/g, ' '), mail.html]) {
      expect(body).toContain('You get this because ')
      expect(body).toContain('about the account “grace” at https://llm.example.org.')
    }
  })

  test('has its link in both, whole', () => {
    if (mail.link === null) return
    expect(mail.link).toMatch(/^https:\/\/llm\.example\.org\/[\w/]+$/)
    expect(mail.text.split('\n')).toContain(mail.link)
    expect(mail.html).toContain(`href="${mail.link}"`)
  })

  test('lets nobody else’s text become markup or a header', () => {
    expect(mail.html).not.toContain('<b>')
    expect(mail.subject).not.toMatch(/[\r\n]/)
    expect(mail.subject.length).toBeLessThan(200)
  })

  test('has lines that mail programs show whole', () => {
    const long = mail.text
      .split('\n')
      .filter((line) => line.length > 78 && line !== mail.link && !line.startsWith('  '))
    expect(long).toEqual([])
  })
})
