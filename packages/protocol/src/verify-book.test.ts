import { expect, test } from 'vitest'
import { CHAIN_START } from './chain.js'
import type { ExportLine } from './ledger-export.js'
import { createBookVerifier } from './verify-book.js'

const account = { type: 'account', version: 1, account_id: 'a', since: null, exported_at: '', entries: 1, head: null }
const entry = {
  type: 'entry',
  account_seq: 1,
  kind: 'spend',
  grant_id: null,
  reference: 'req_1',
  credits: -1,
  created_at_ms: 1,
  detail_hash: '',
  prev_hash: CHAIN_START,
  hash: '',
  detail: null
}

test.each<[string, object[]]>([
  ['an entry without anything', [{ type: 'entry' }]],
  ['an amount that is none', [{ ...entry, credits: 'much' }]],
  ['a number of no whole', [{ ...entry, account_seq: 1.5 }]],
  ['a receipt that is none', [entry, { type: 'receipt', receipt: null }]],
  ['a receipt without parts', [entry, { type: 'receipt', receipt: { request_id: 'req_1', credits: 1 } }]],
  ['a rate that is none', [{ type: 'rate', version: 'm@2026-01-01', rate: null }, entry]]
])('%s is a difference, and stops no check', (_what, lines) => {
  const verifier = createBookVerifier()
  for (const line of [account, ...lines]) verifier.read(line as unknown as ExportLine)
  expect(verifier.end().differences).not.toEqual([])
})
