import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createMockedServer, type MockedServer } from '../src/testing/mocked.js'

let t: MockedServer
beforeEach(async () => {
  t = await createMockedServer()
})
afterEach(async () => {
  expect((await t.balance()).held).toBe(0)
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

const asked: unknown[] = []
const tools = {
  get_weather: tool({
    description: 'The weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: (input) => {
      asked.push(input)
      return 'rain'
    }
  })
}
const providerOptions = { openai: { store: false } }

const providers: Readonly<Record<string, (model: string) => LanguageModel>> = {
  '@ai-sdk/anthropic': (model) => createAnthropic({ baseURL: `${t.url}/v1`, apiKey: t.key })(model),
  '@ai-sdk/openai, chat': (model) => createOpenAI({ baseURL: `${t.url}/v1`, apiKey: t.key }).chat(model),
  '@ai-sdk/openai, Responses': (model) => createOpenAI({ baseURL: `${t.url}/v1`, apiKey: t.key }).responses(model)
}

describe.each(Object.keys(providers))('%s', (name) => {
  const of = (model: string) => providers[name]?.(model) as LanguageModel

  describe.each(['claude-haiku-4-5', 'gpt-x'])('answered by %s', (model) => {
    const ask = () => ({
      model: of(model),
      prompt: 'weather',
      tools,
      maxOutputTokens: 1_000,
      stopWhen: stepCountIs(3),
      providerOptions
    })

    test('generateText calls a tool and goes on with its result', async () => {
      asked.length = 0
      const { text, steps } = await generateText(ask())
      expect({ text, asked }).toEqual({ text: 'It is raining in Łódź.', asked: [{ city: 'Łódź' }] })
      expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
      expect(await t.stopReasons()).toEqual(['tool_use', 'end_turn'])
    })

    test('streamText does too, undisturbed', async () => {
      asked.length = 0
      const errors: unknown[] = []
      const { textStream } = streamText({ ...ask(), onError: ({ error }) => void errors.push(error) })
      let text = ''
      for await (const delta of textStream) text += delta
      expect({ text, asked, errors }).toEqual({ text: 'It is raining in Łódź.', asked: [{ city: 'Łódź' }], errors: [] })
    })

    test('an answer by a schema', async () => {
      const schema = z.object({ city: z.string(), degrees: z.number() })
      const output = Output.object({ schema })
      const answer = await generateText({
        model: of(model),
        prompt: 'structured',
        output,
        maxOutputTokens: 1_000,
        providerOptions
      })
      expect(answer.output).toEqual({ city: 'Łódź', degrees: -3 })
    })
  })
})
