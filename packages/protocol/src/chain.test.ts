import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHAIN_START, type ChainedEntry, canonicalJson, entryHash, receiptDetailHash } from './chain.js'

const entry: ChainedEntry = {
  accountId: 'acct_1',
  accountSeq: 1n,
  kind: 'spend',
  grantId: 'grant_1',
  reference: 'req_1',
  amount: -350_000n,
  createdAtMs: 1_795_000_000_000,
  detailHash: 'd'.repeat(64),
  prevHash: CHAIN_START
}

test('the encoding is the documented one, byte for byte: anyone can recompute a chain', () => {
  const text =
    '17:caicaini-entry-v1,6:acct_1,1:1,5:spend,7:grant_1,5:req_1,7:-350000,13:1795000000000,' +
    `64:${'d'.repeat(64)},64:${CHAIN_START},`
  expect(entryHash(entry)).toBe(hash('sha256', text))
})

test('every field counts, and no text can slide from one into the next', () => {
  const changed: Partial<ChainedEntry>[] = [
    { accountId: 'acct_2' },
    { accountSeq: 2n },
    { kind: 'refund' },
    { grantId: null },
    { reference: 'req_2' },
    { amount: 350_000n },
    { createdAtMs: 0 },
    { detailHash: 'e'.repeat(64) },
    { prevHash: 'f'.repeat(64) },
    { accountId: 'acct_11', accountSeq: 1n },
    { grantId: 'grant_1r', reference: 'eq_1' },
    { grantId: 'é' }
  ]
  const hashes = [entry, ...changed.map((change) => ({ ...entry, ...change }))].map(entryHash)
  expect(new Set(hashes).size).toBe(hashes.length)
})

test('canonical JSON is one text for one value, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    })
  )
  expect(canonicalJson({ b: 1, a: { d: undefined, c: [2, { f: null, e: 'é' }] } })).toBe(
    '{"a":{"c":[2,{"e":"é","f":null}]},"b":1}'
  )
})

test('canonical JSON is the sorted JSON of its parts, also for objects of a making that was seen before', () => {
  const keys = fc.constantFrom('b', 'a', '10', '9', 'é', 'balance', '__proto__')
  const objects = fc.dictionary(keys, fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null)))
  fc.assert(
    fc.property(fc.array(objects), (values) => {
      for (const value of values) {
        const members = Object.keys(value)
          .sort()
          .map((key) => `${JSON.stringify(key)}:${JSON.stringify(value[key])}`)
        expect(canonicalJson(value)).toBe(`{${members.join(',')}}`)
      }
    })
  )
})

test("a receipt's hash leaves out what the entries themselves decide", () => {
  const receipt = { request_id: 'req_1', credits: 1, balance: 5, ledger_head: 'a' }
  expect(receiptDetailHash({ ...receipt, balance: 6, ledger_head: 'b' })).toBe(receiptDetailHash(receipt))
  expect(receiptDetailHash({ ...receipt, credits: 2 })).not.toBe(receiptDetailHash(receipt))
  const inner = { parts: [{ balance: 1 }], of: { refunded: 1 } }
  const text = '{"credits":1,"of":{"refunded":1},"parts":[{"balance":1}],"request_id":"req_1"}'
  expect(receiptDetailHash({ ...receipt, ...inner })).toBe(hash('sha256', text))
})
