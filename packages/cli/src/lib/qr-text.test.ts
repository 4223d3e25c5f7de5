import { expect, test } from 'vitest'
import { qrText } from './qr-text.js'

const TEXT = `otpauth://totp/Caicaini%20Code:ann?secret=${'A'.repeat(32)}&issuer=Caicaini%20Code`
const place = { columns: 80, rows: 40, colour: false }

test('its quiet zone is kept where there is room, and made smaller where it would not be seen whole', async () => {
  const whole = (await qrText(TEXT, place))?.trimEnd().split('\n') ?? []
  const smaller = (await qrText(TEXT, { ...place, rows: whole.length }))?.trimEnd().split('\n') ?? []
  expect(whole.slice(0, 2).every((line) => /^█+$/.test(line))).toBe(true)
  expect(smaller[0]).toMatch(/^█+$/)
  expect(smaller).toHaveLength(whole.length - 2)
})

test('where the terminal is too narrow there is none', async () => {
  expect(await qrText(TEXT, { ...place, columns: 40 })).toBeUndefined()
})
