import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventsOfStream } from './testing/clients.js'
import { golden, goldens, replay, waysOf } from './testing/golden.js'

const cases = goldens.flatMap((stream) => waysOf(stream.from).map((way) => ({ ...stream, ...way })))

describe('a golden stream', () => {
  test.each(cases)('$name → $to is the same cut at each byte', ({ bytes, make }) => {
    const whole = replay(make(), bytes, [])
    // Compared as text: thousands of deep comparisons would take longer than what they compare.
    const told = JSON.stringify(whole)
    for (let cut = 1; cut < bytes.length; cut++) {
      const again = replay(make(), bytes, [cut])
      if (JSON.stringify(again) !== told) expect({ cut, ...again }).toEqual({ cut, ...whole })
    }
    expect(
      replay(
        make(),
        bytes,
        Array.from(bytes, () => 1)
      )
    ).toEqual(whole)
  })

  test.each(cases)('$name → $to is the same in any pieces', ({ bytes, make }) => {
    const whole = replay(make(), bytes, [])
    const pieces = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 40 })
    fc.assert(
      fc.property(pieces, (cuts) => {
        expect(replay(make(), bytes, cuts)).toEqual(whole)
      }),
      { numRuns: 50 }
    )
  })

  test.each(cases)('$name → $to holds its last event back, once', ({ bytes, make, name }) => {
    const { final, finals, forward, error, readings } = replay(make(), bytes, [])
    const isError = name.endsWith('-error')
    expect(finals).toBe(isError ? 0 : 1)
    expect(readings.sawFinal).toBe(!isError)
    expect(error === null).toBe(!isError)
    expect(forward).not.toMatch(/message_stop|\[DONE\]|response\.(completed|incomplete)/)
    if (!isError) expect(final).toMatch(/message_stop|\[DONE\]|response\.(completed|incomplete)/)
  })

  test.each(cases)('$name → $to: cut short it never ends', ({ bytes, make }) => {
    const { readings, final } = replay(make(), bytes.subarray(0, bytes.length / 2), [])
    expect({ sawFinal: readings.sawFinal, final }).toEqual({ sawFinal: false, final: '' })
  })

  test.each(cases)('$name → $to counts the same usage as every other way', ({ bytes, make, name }) => {
    expect({ name, ...replay(make(), bytes, []).readings }).toMatchObject(USAGE[name] ?? {})
    expect(Object.keys(USAGE)).toContain(name)
  })
})

const counted = (inputTokens: number, outputTokens: number, over = {}) => ({
  usageSeen: true,
  usage: {
    inputTokens,
    outputTokens,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    toolCalls: {},
    ...over
  }
})

const USAGE: Readonly<Record<string, object>> = {
  'messages-text': counted(25, 15, { cacheReadTokens: 7, cacheWrite5mTokens: 30 }),
  'messages-thinking-tools': counted(472, 89),
  'messages-refusal': counted(472, 4),
  'messages-max-tokens': counted(10, 16, { cacheReadTokens: 500, cacheWrite1hTokens: 2000 }),
  'messages-error': counted(472, 2),
  'chat-text': counted(86, 300, { cacheReadTokens: 1920 }),
  'chat-parallel-tools': counted(82, 57),
  'chat-refusal': counted(81, 11),
  'chat-length': counted(9, 2),
  'chat-deepseek': counted(19, 83, { cacheReadTokens: 320 }),
  'chat-moonshot': counted(20, 40, { cacheReadTokens: 100 }),
  'chat-vllm': counted(15, 9),
  'chat-openrouter': counted(12, 96, { cacheReadTokens: 300, cacheWrite5mTokens: 100 }),
  'chat-openrouter-error': { usageSeen: false },
  // Nothing was counted: what was estimated stands in, on both sides.
  'chat-no-usage': { ...counted(40, 6), usageSeen: false },
  'chat-error': { usageSeen: false }
}

describe('the tap on a chat stream', () => {
  const chats = goldens.filter(({ from, name }) => from === 'chat' && !name.endsWith('-error'))

  test.each(chats)('$name: not a byte is changed', ({ bytes, name }) => {
    const [, , tap] = waysOf('chat')
    const { forward, final } = replay((tap as (typeof cases)[number]).make(), bytes, [])
    const end = name === 'chat-no-usage' ? 'data: [DONE]\n\n' : ''
    expect(forward + final).toBe(bytes.toString() + end)
  })

  test.each(chats)('$name: only the chunk with usage alone is withheld from who did not ask', ({ bytes, name }) => {
    const [, , , tap] = waysOf('chat')
    const { forward, final } = replay((tap as (typeof cases)[number]).make(), bytes, [])
    const events = eventsOfStream(bytes.toString()).map(({ data }) => data)
    const kept = events.filter((data) => !data.includes('"choices":[]'))
    const end = name === 'chat-no-usage' ? ['[DONE]'] : []
    expect(eventsOfStream(forward + final).map(({ data }) => data)).toEqual([...kept, ...end])
    expect(final).not.toContain('"usage":{')
  })

  test('what comes behind the end is passed on', () => {
    const [, , tap] = waysOf('chat')
    const bytes = Buffer.concat([golden('chat-length').bytes, Buffer.from(': bye\n\n')])
    for (const cuts of [[], [bytes.length - 3], [bytes.length - 9]]) {
      const { forward, final } = replay((tap as (typeof cases)[number]).make(), bytes, cuts)
      expect(forward + final).toBe(bytes.toString())
    }
  })
})
