import { expect, test } from 'vitest'
import { readMailConfig } from './config.js'

const from = { CAICAINI_MAIL_FROM: 'Example <noreply@example.org>' }
const read = (env: Record<string, string>) => readMailConfig(env, { folder: '/data/mail' })

test('without a server mails are files', () => {
  expect(read({})).toEqual({ smtp: null, from: 'Caicaini Code <noreply@localhost>', folder: '/data/mail' })
})

test.each([
  ['smtp://mail.example.org', { port: 587, isImplicitTls: false, isLoopback: false, auth: null }],
  ['smtps://mail.example.org', { port: 465, isImplicitTls: true }],
  ['smtp://a%40b:p%2F%3A@mail.example.org:25', { port: 25, auth: { user: 'a@b', pass: 'p/:' } }],
  ['smtp://127.0.0.1:2525', { isLoopback: true }],
  ['smtp://[::1]:2525', { isLoopback: true, host: '::1' }],
  ['smtp://localhost.example.org', { isLoopback: false }]
])('%s', (url, expected) => {
  expect(read({ ...from, CAICAINI_SMTP_URL: url }).smtp).toMatchObject(expected)
})

test.each([
  [{ CAICAINI_SMTP_URL: 'mail.example.org' }, 'CAICAINI_SMTP_URL: must be such as'],
  [{ CAICAINI_SMTP_URL: 'https://mail.example.org' }, 'CAICAINI_SMTP_URL: must be such as'],
  [{ CAICAINI_SMTP_URL: 'smtp://mail.example.org' }, 'CAICAINI_MAIL_FROM: is missing'],
  [{ CAICAINI_MAIL_FROM: 'Example' }, 'CAICAINI_MAIL_FROM: must be such as'],
  [{ CAICAINI_MAIL_FROM: 'A <a@b.c>\nBcc: all@example.org' }, 'CAICAINI_MAIL_FROM: must be such as']
])('%j is refused', (env, message) => {
  expect(() => read(env as Record<string, string>)).toThrow(message)
})
