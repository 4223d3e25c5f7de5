import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sse, streamEvents } from '../../testing/upstream.js'
import { createAnswerReader } from './answer-reader.js'

const block = (index: number, content_block: object, deltas: readonly object[], whole = true) => [
  sse('content_block_start', { index, content_block }),
  ...deltas.map((delta) => sse('content_block_delta', { index, delta })),
  ...(whole ? [sse('content_block_stop', { index })] : [])
]
const look = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }
const half = [{ type: 'input_json_delta', partial_json: '{"at":"Łó' }]
const rest = [{ type: 'input_json_delta', partial_json: 'dź"}' }]

function blocksOf(events: readonly string[]): readonly unknown[] {
  const reader = createAnswerReader()
  for (const event of events) reader.push(Buffer.from(event))
  return reader.blocks()
}

describe('an answer is read', () => {
  test('alike wherever its bytes are cut', () => {
    const events = [
      ...block(0, { type: 'text', text: '' }, [{ text: '漢字 und ' }, { text: '🦭' }]),
      ...block(1, look, [...half, ...rest])
    ]
    const bytes = Buffer.from(events.join(''))
    const whole = [
      { type: 'text', text: '漢字 und 🦭' },
      { ...look, input: { at: 'Łódź' } }
    ]
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const reader = createAnswerReader()
        const ends = [...cuts.toSorted((a, b) => a - b), bytes.length]
        for (const [i, end] of ends.entries()) reader.push(bytes.subarray(ends[i - 1] ?? 0, end))
        expect(reader.blocks()).toEqual(whole)
      })
    )
  })

  test('without what was broken off before it said anything, and calls that nobody could make', () => {
    expect(blocksOf(streamEvents().slice(0, 3))).toEqual([])
    expect(blocksOf(block(0, { type: 'thinking', thinking: '', signature: '' }, [], false))).toEqual([])
    expect(blocksOf(block(0, look, half, false))).toEqual([])
    const thought = [{ type: 'thinking_delta', thinking: 'hm' }]
    expect(blocksOf(block(0, { type: 'thinking', thinking: '', signature: '' }, thought, false))).toEqual([
      { type: 'thinking', thinking: 'hm', signature: '' }
    ])
  })

  test('with its citations, and with blocks of kinds that this version does not know', () => {
    const cited = [{ text: 'so' }, { type: 'citations_delta', citation: { cited_text: 'a' } }]
    const strange = { type: 'container_upload', file_id: 'f' }
    expect(blocksOf([...block(0, { type: 'text', text: '' }, cited), ...block(1, strange, [])])).toEqual([
      { type: 'text', text: 'so', citations: [{ cited_text: 'a' }] },
      strange
    ])
  })

  test('whatever it is made of', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constant(sse('content_block_delta', { index: 3 })))), (events) => {
        expect(Array.isArray(blocksOf(events))).toBe(true)
      })
    )
  })
})
