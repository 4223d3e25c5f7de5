import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../request/value.js'
import type { NeutralRequest } from './neutral.js'
import { CHAT_QUIRKS, messagesQuirksOf } from './quirks.js'
import { readChat } from './read-chat.js'
import { readMessages } from './read-messages.js'
import { messagesRequest } from './testing/arbitraries.js'
import { toChat } from './to-chat.js'
import { toMessages } from './to-messages.js'

const upstreamModel = 'claude-opus-4-7'

function chatOf(neutral: NeutralRequest): JsonObject {
  return toChat(neutral, { upstreamModel, maxTokens: neutral.maxTokens, quirks: CHAT_QUIRKS.openai })
}

function messagesOf(neutral: NeutralRequest): JsonObject {
  const quirks = { ...messagesQuirksOf(upstreamModel), systemTurns: true }
  return toMessages(neutral, { upstreamModel, maxTokens: neutral.maxTokens ?? 1, quirks })
}

/** What a request says, without what each side is free to spell: who it was read from, where parts stood, what a name defaults to. */
function meaning(neutral: NeutralRequest): unknown {
  const { from: _, includeUsage: __, output, parallelToolCalls, toolChoice, reasoning, ...rest } = neutral
  return {
    ...rest,
    output: output?.type === 'json_schema' ? output.schema : output,
    // An effort lets the model think as it sees fit.
    effort: reasoning?.effort,
    // Neither says more than the default.
    toolChoice: toolChoice?.type === 'auto' ? null : toolChoice,
    parallelToolCalls: parallelToolCalls ?? true,
    turns: JSON.parse(JSON.stringify(joinTurns(neutral.turns), (key, value) => (key === 'field' ? undefined : value)))
  }
}

function joinTurns(turns: NeutralRequest['turns']): readonly { role: string; parts: unknown[] }[] {
  const joined: { role: string; parts: unknown[] }[] = []
  for (const { role, parts } of turns) {
    const last = joined[joined.length - 1]
    if (last?.role === role) last.parts.push(...parts)
    else joined.push({ role, parts: [...parts] })
  }
  return joined
}

describe('a request that goes there and back keeps its meaning', () => {
  test('Anthropic → OpenAI → Anthropic', () => {
    fc.assert(
      fc.property(messagesRequest, (body) => {
        const there = chatOf(readMessages(body))
        const back = readMessages(messagesOf(readChat(there)))
        expect(meaning(back)).toEqual(meaning(readMessages(body)))
      }),
      { numRuns: 400 }
    )
  })

  test('OpenAI → Anthropic → OpenAI', () => {
    fc.assert(
      fc.property(messagesRequest, (body) => {
        const chat = chatOf(readMessages(body))
        const back = chatOf(readMessages(messagesOf(readChat(chat))))
        expect(meaning(readChat(back))).toEqual(meaning(readChat(chat)))
      }),
      { numRuns: 400 }
    )
  })

  test('to every provider of the chat format that takes what it asks for', () => {
    fc.assert(
      fc.property(messagesRequest, fc.constantFrom(...Object.values(CHAT_QUIRKS)), (body, quirks) => {
        const { tool_choice: _, output_config: __, ...plain } = body
        const only = { ...plain, stop_sequences: [], messages: (body.messages as JsonObject[]).map(withoutMedia) }
        const neutral = readMessages(only)
        const back = readChat(toChat(neutral, { upstreamModel, maxTokens: neutral.maxTokens, quirks }))
        // Parts of a text are joined where the provider takes one alone.
        expect(textsOf(back)).toBe(textsOf(neutral))
        expect(back.tools).toEqual(neutral.tools)
      }),
      { numRuns: 200 }
    )
  })
})

function withoutMedia(message: JsonObject): JsonObject {
  const content = message.content as readonly JsonObject[]
  const kept = content.filter(({ type }) => type !== 'image' && type !== 'document')
  return { ...message, content: kept.length > 0 ? kept : [{ type: 'text', text: 'x' }] }
}

function textsOf({ system, turns }: NeutralRequest): string {
  const all = [...system.map(({ text }) => text), JSON.stringify(joinTurns(turns))]
  return all.join('').replaceAll(/\\n\\n|\n\n|"\},\{"type":"text","text":"/g, '')
}
