import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createChatTap } from './chat-tap.js'
import { messageOfStream } from './testing/clients.js'
import { replay, translator } from './testing/golden.js'
import { argumentsToObject, argumentsToText, createObjectWatch } from './tool-arguments.js'

describe('calls of tools in a chat stream', () => {
  interface Piece {
    readonly call: number
    readonly text: string
  }

  const call = fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    input: fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.string({ maxLength: 12 }), fc.integer()), {
      maxKeys: 3
    }),
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 })
  })

  test('come out whole and in order, however their parts interleave', async () => {
    const order = fc.infiniteStream(fc.nat())
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 4 }), order, async (calls, picks) => {
        const waiting = calls.map(({ input, sizes }, i) =>
          piecesOf(JSON.stringify(input), sizes).map((text) => ({ call: i, text }))
        )
        const frames = interleave(waiting, picks).map(({ call: index, text, isFirst }) => {
          const name = isFirst ? { name: calls[index]?.name } : {}
          const part = { index, ...(isFirst && { id: `call_${index}` }), function: { ...name, arguments: text } }
          return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [part] } }] })}\n\n`
        })
        const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n'
        const { forward, final } = replay(translator('chat', 'messages'), Buffer.from(frames.join('') + end), [])
        const { content } = await messageOfStream(forward + final)
        expect(content).toEqual(
          calls.map(({ name, input }, i) => ({
            type: 'tool_use',
            id: `call_${i}`,
            name,
            input: JSON.parse(JSON.stringify(input))
          }))
        )
      }),
      { numRuns: 60 }
    )
  })

  /** The first parts come in the order of the calls, as every provider numbers them; the rest in any. */
  function interleave(waiting: Piece[][], picks: Iterator<number>): readonly (Piece & { isFirst: boolean })[] {
    const out: (Piece & { isFirst: boolean })[] = []
    const begun = new Set<number>()
    while (waiting.some((pieces) => pieces.length > 0)) {
      const next = waiting.findIndex((_, i) => !begun.has(i))
      const open = waiting.flatMap((pieces, i) => (pieces.length > 0 && (begun.has(i) || i === next) ? [i] : []))
      const index = open[(picks.next().value ?? 0) % open.length] ?? 0
      const piece = waiting[index]?.shift()
      if (piece) out.push({ ...piece, isFirst: !begun.has(index) })
      begun.add(index)
    }
    return out
  }

  function piecesOf(text: string, sizes: readonly number[]): readonly string[] {
    const pieces: string[] = ['']
    let at = 0
    for (const size of sizes) {
      pieces.push(text.slice(at, at + size))
      at += size
    }
    return [...pieces, text.slice(at)]
  }

  test('that all are numbered 0, or not at all, are told apart by their ids', async () => {
    for (const index of [0, undefined]) {
      const part = (id: string, text: string) => ({ index, id, function: { name: 'f', arguments: text } })
      const delta = { tool_calls: [part('a', '{"x":1}'), part('b', '{"x":2}')] }
      const text = `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: 'stop' }] })}\n\n`
      const { forward, final } = replay(translator('chat', 'messages'), Buffer.from(text), [])
      expect(await messageOfStream(forward + final)).toMatchObject({
        content: [
          { id: 'a', input: { x: 1 } },
          { id: 'b', input: { x: 2 } }
        ],
        stop_reason: 'tool_use'
      })
    }
  })

  test('a custom tool’s input that passes through counts as what was delivered', () => {
    const part = { index: 0, id: 'a', type: 'custom', custom: { name: 'sql', input: 'select a from b where c' } }
    const chunk = { choices: [{ index: 0, delta: { tool_calls: [part] }, finish_reason: null }] }
    const tap = createChatTap({ stripUsage: false })
    tap.push(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`))
    expect(tap.firstContentSeen).toBe(true)
    expect(tap.deliveredTextTokens).toBeGreaterThan(4)
  })

  test('arguments: nothing is the empty object, and what is no object is kept as text', () => {
    expect([argumentsToObject(''), argumentsToObject(' '), argumentsToObject('null')]).toEqual([{}, {}, {}])
    for (const text of ['{"a":', '[1]', '"x"', '7']) {
      expect(argumentsToObject(text)).toEqual({ invalid_arguments: text })
      expect(argumentsToText(argumentsToObject(text))).toBe(text)
    }
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        const text = JSON.stringify(input)
        const watch = createObjectWatch()
        for (const [i, character] of [...text].entries()) {
          expect(watch.isWhole()).toBe(false)
          watch.add(character)
          if (i === text.length - 1) expect(watch.isWhole()).toBe(true)
        }
      })
    )
  })
})
