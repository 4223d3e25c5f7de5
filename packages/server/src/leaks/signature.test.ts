import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSigned } from './signature.js'

/** GitHub's own example: docs, secret scanning partner program, "Sample HTTP POST sent to verify endpoint". */
const SAMPLE = {
  body: '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]',
  signature: 'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=',
  key: {
    id: 'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d',
    pem:
      '-----BEGIN PUBLIC KEY-----\n' +
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\n' +
      'HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==\n' +
      '-----END PUBLIC KEY-----\n'
  }
}
const bytes = (text: string) => new TextEncoder().encode(text)

test("GitHub's own example is signed, and nothing that differs from it by a byte", () => {
  const { body, signature, key } = SAMPLE
  expect(isSigned(bytes(body), { signature, key })).toBe(true)
  expect(isSigned(bytes(`${body} `), { signature, key })).toBe(false)
  expect(isSigned(bytes(body.replace('some_token', 'some_tokem')), { signature, key })).toBe(false)
})

test.each(['', 'AAAA', 'not base64!', SAMPLE.signature.slice(0, 40)])('%j signs nothing', (signature) => {
  expect(isSigned(bytes(SAMPLE.body), { signature, key: SAMPLE.key })).toBe(false)
})

test('another key signs nothing in its name, and no key nothing at all', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const signature = sign('sha256', bytes(SAMPLE.body), pair.privateKey).toString('base64')
  expect(isSigned(bytes(SAMPLE.body), { signature, key: { id: 'x', pem } })).toBe(true)
  expect(isSigned(bytes(SAMPLE.body), { signature, key: SAMPLE.key })).toBe(false)
  expect(isSigned(bytes(SAMPLE.body), { signature, key: { id: 'x', pem: 'nonsense' } })).toBe(false)
})
