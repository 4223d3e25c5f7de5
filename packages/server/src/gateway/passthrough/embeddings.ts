import { NO_USAGE } from '../../catalog/price.js'
import { estimateTextTokens, estimateTextTokensMost } from '../request/estimate.js'
import { invalid, isObject, isWhole, show } from '../request/value.js'
import { countIn, parseAnswer, readJsonRequest } from './json-request.js'
import type { Metered, ThroughReader } from './kind.js'

/** Texts of one request (OpenAI's API reference, create embeddings). */
const INPUTS_MAX = 2_048

/** One text: itself, or how many tokens it was sent as. */
type Input = string | number

/** POST /v1/embeddings: metered by the provider's `usage.prompt_tokens`. */
export const readEmbeddings: ThroughReader = (bytes) => {
  const request = readJsonRequest(bytes, ['input'])
  const inputs = readInputs(request.body.input)
  return {
    model: request.model,
    plan(way) {
      // A text longer than the window is refused or cut by the provider, so no more of it can be billed.
      const sum = (tokensOf: (text: string) => number) =>
        inputs.reduce<number>((total, input) => {
          const tokens = typeof input === 'number' ? input : tokensOf(input)
          return total + Math.min(tokens, way.model.context_window)
        }, 0)
      const likelyTokens = sum((text) => estimateTextTokens(text, 'other'))
      return {
        body: request.bytesFor(way),
        contentType: 'application/json',
        // Providers put a mark or two around each text.
        most: { inputTokens: sum(estimateTextTokensMost) + 2 * inputs.length, outputTokens: 0, pieces: {} },
        likelyTokens,
        meter: (answer) => meter(answer, likelyTokens)
      }
    }
  }
}

function meter(answer: Uint8Array, likelyTokens: number): Metered | undefined {
  const json = parseAnswer(answer)
  if (!isObject(json) || !Array.isArray(json.data)) return undefined
  // No text is without tokens: a count of none is no count.
  const counted = (isObject(json.usage) && countIn(json.usage.prompt_tokens)) || undefined
  return { usage: { ...NO_USAGE, inputTokens: counted ?? likelyTokens }, estimated: counted === undefined }
}

function readInputs(input: unknown): Input[] {
  if (input === undefined) throw invalid('input', 'is missing; send a text, or a list of them')
  const list = Array.isArray(input) && !input.every((each) => isWhole(each, 0)) ? input : [input]
  if (list.length > INPUTS_MAX) throw invalid('input', `must be at most ${INPUTS_MAX} texts, got ${list.length}`)
  return list.map((each, i) => readInput(each, Array.isArray(input) && list === input ? `input[${i}]` : 'input'))
}

function readInput(input: unknown, field: string): Input {
  if (typeof input === 'string' && input !== '') return input
  if (Array.isArray(input) && input.length > 0 && input.every((token) => isWhole(token, 0))) return input.length
  throw invalid(field, `must be a text or a list of tokens, and not empty, got ${show(input)}`)
}
