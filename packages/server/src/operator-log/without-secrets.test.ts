import { generateApiKey } from '@caicaini/protocol'
import { expect, test } from 'vitest'
import { withoutSecrets } from './without-secrets.js'

test('nothing that opens anything is written down, however deep it stands', () => {
  const key = generateApiKey((length) => new Uint8Array(length).fill(7))
  const given = {
    name: 'laptop',
    requests: 7,
    note: `found ${key} in a log`,
    password: 'hunter2',
    new_secret: 'x',
    deep: [{ refresh_token: 'y', text: 'cai_refresh_abcdefgh' }],
    limits: { input_tokens_per_minute: 5, none: null }
  }
  const told = withoutSecrets(given)
  expect(told).toEqual({
    name: 'laptop',
    requests: 7,
    note: 'found [removed] in a log',
    password: '[removed]',
    new_secret: '[removed]',
    deep: [{ refresh_token: '[removed]', text: '[removed]' }],
    limits: { input_tokens_per_minute: 5, none: null }
  })
})
