import fc from 'fast-check'
import type { JsonObject } from '../../request/value.js'

/*
 * Valid requests of Anthropic's and OpenAI's formats that hold only what both can say, so that what comes back from a round trip can be
 * compared. What only one can say has tests of its own.
 */

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((value) => `t${value}`)
const name = fc.stringMatching(/^[a-z][a-z_]{0,12}$/)
const json = fc.dictionary(name, fc.oneof(fc.integer(), text, fc.boolean(), fc.array(text, { maxLength: 2 })), {
  maxKeys: 3
})
const base64 = fc.base64String({ minLength: 4, maxLength: 20 })

const image = fc.oneof(
  base64.map((data) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } })),
  fc.webUrl().map((url) => ({ type: 'image', source: { type: 'url', url } }))
)
const pdf = fc.record({ data: base64, title: text }).map(({ data, title }) => ({
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data },
  title
}))
const textBlock = text.map((value) => ({ type: 'text', text: value }))

interface Step {
  readonly said: string | null
  readonly calls: readonly { readonly name: string; readonly input: JsonObject; readonly result: string }[]
  readonly next: readonly JsonObject[]
}

const step: fc.Arbitrary<Step> = fc.record({
  said: fc.option(text),
  calls: fc.array(fc.record({ name, input: json, result: text }), { maxLength: 3 }),
  next: fc.array(fc.oneof(textBlock, image, pdf), { minLength: 1, maxLength: 3 })
})

const choice = fc.oneof(
  fc.constantFrom({ type: 'auto' }, { type: 'any' }, { type: 'none' }),
  fc.record({ type: fc.constant('tool'), name })
)

const schema = json.map((properties) => ({ type: 'object', properties }))
const tool = fc.record({ name, description: text, input_schema: schema })

/** A request of POST /v1/messages. */
export const messagesRequest: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      model: fc.constant('claude-opus-4-7'),
      max_tokens: fc.integer({ min: 1, max: 64_000 }),
      first: text,
      steps: fc.array(step, { maxLength: 4 }),
      system: fc.array(textBlock, { minLength: 1, maxLength: 3 }),
      tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
      tool_choice: choice,
      parallel: fc.boolean(),
      temperature: fc.constantFrom(0, 0.5, 1),
      top_p: fc.constantFrom(0.1, 0.9),
      stop_sequences: fc.array(text, { minLength: 1, maxLength: 4 }),
      stream: fc.boolean(),
      effort: fc.constantFrom('low', 'medium', 'high', 'xhigh', 'max'),
      schema,
      user: text
    },
    { requiredKeys: ['model', 'max_tokens', 'first', 'steps'] }
  )
  .map(({ first, steps, parallel, effort, schema: format, user, tool_choice: wanted, ...rest }) => {
    const hasTools = rest.tools !== undefined
    const disable = parallel !== undefined && wanted?.type !== 'none' && { disable_parallel_tool_use: !parallel }
    const config = { ...(effort && { effort }), ...(format && { format: { type: 'json_schema', schema: format } }) }
    return {
      ...rest,
      messages: turnsOf(first, steps),
      ...(hasTools && wanted && { tool_choice: { ...wanted, ...disable } }),
      ...(Object.keys(config).length > 0 && { output_config: config }),
      ...(user !== undefined && { metadata: { user_id: user } })
    }
  })

function turnsOf(first: string, steps: readonly Step[]): readonly JsonObject[] {
  const turns: JsonObject[] = [{ role: 'user', content: [{ type: 'text', text: first }] }]
  for (const [i, { said, calls, next }] of steps.entries()) {
    const idOf = (n: number) => `toolu_${i}_${n}`
    const asked = calls.map(({ name: called, input }, n) => ({ type: 'tool_use', id: idOf(n), name: called, input }))
    const spoken = said === null && calls.length > 0 ? [] : [{ type: 'text', text: said ?? 'ok' }]
    const results = calls.map(({ result }, n) => ({
      type: 'tool_result',
      tool_use_id: idOf(n),
      content: [{ type: 'text', text: result }]
    }))
    turns.push({ role: 'assistant', content: [...spoken, ...asked] }, { role: 'user', content: [...results, ...next] })
  }
  return turns
}
