import { expect, test } from 'vitest'
import { parseReceiptJson } from './receipt.js'

const shown = {
  request_id: 'req_1',
  status: 'complete',
  model: 'haiku',
  model_used: 'claude-haiku-4-5',
  provider: 'anthropic',
  input_tokens: 1,
  output_tokens: 2,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  credits: 0.1,
  balance: 9.9
}

test('a receipt keeps fields that this version does not know', () => {
  expect(parseReceiptJson(JSON.stringify({ ...shown, later: 1 }))).toMatchObject({ ...shown, later: 1 })
})

test('what lacks a figure that people are shown is no receipt', () => {
  for (const name of Object.keys(shown))
    expect(parseReceiptJson(JSON.stringify({ ...shown, [name]: undefined }))).toBeUndefined()
  for (const text of ['', '{', 'null', '[]', '"x"']) expect(parseReceiptJson(text)).toBeUndefined()
})
