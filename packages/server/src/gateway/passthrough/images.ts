import { NO_USAGE } from '../../catalog/price.js'
import { estimateTextTokens, estimateTextTokensMost } from '../request/estimate.js'
import { invalid, isObject, isWhole, type JsonObject, show } from '../request/value.js'
import { countIn, parseAnswer, readJsonRequest, readText } from './json-request.js'
import type { Metered, ThroughReader, ThroughWay } from './kind.js'

/** Images of one request (OpenAI's API reference, create image). */
const IMAGES_MAX = 10
/** What the provider puts around a prompt. */
const REQUEST_TOKENS = 50

/** POST /v1/images/generations: metered by the image, by the provider's tokens, or by both, as the card prices them. */
export const readImages: ThroughReader = (bytes) => {
  const request = readJsonRequest(bytes, ['prompt', 'n', 'stream', 'partial_images'])
  const { body } = request
  const prompt = readText(body, 'prompt')
  const count = readCount(body)
  refuseStreams(body)
  return {
    model: request.model,
    plan(way) {
      const { max_output_tokens, context_window } = way.model
      const held = isPricedByTokens(way) ? max_output_tokens * count : 0
      const most = {
        inputTokens: Math.min(estimateTextTokensMost(prompt) + REQUEST_TOKENS, context_window),
        outputTokens: held,
        pieces: { image: count }
      }
      const likelyTokens = Math.min(estimateTextTokens(prompt, 'other'), context_window)
      return {
        body: request.bytesFor(way),
        contentType: 'application/json',
        most,
        likelyTokens,
        meter: (answer) => meter(answer, { way, count, likelyTokens })
      }
    }
  }
}

function isPricedByTokens({ rate: { entry } }: Pick<ThroughWay, 'rate'>): boolean {
  return entry.input > 0 || entry.output > 0
}

function meter(
  answer: Uint8Array,
  { way, count, likelyTokens }: { way: ThroughWay; count: number; likelyTokens: number }
): Metered | undefined {
  const json = parseAnswer(answer)
  if (!isObject(json) || !Array.isArray(json.data) || json.data.length === 0) return undefined
  // More than was asked for is the provider's gift.
  const made = Math.min(json.data.length, count)
  const usage = isObject(json.usage) ? json.usage : {}
  const inputTokens = countIn(usage.input_tokens)
  const outputTokens = countIn(usage.output_tokens)
  const counted = inputTokens !== undefined && outputTokens !== undefined
  const pieces = { image: made }
  if (counted) return { usage: { ...NO_USAGE, inputTokens, outputTokens, pieces }, estimated: false }
  if (!isPricedByTokens(way)) return { usage: { ...NO_USAGE, pieces }, estimated: false }
  // Nothing in an image tells its tokens: the model's most for one is what was held for each.
  const estimate = { inputTokens: likelyTokens, outputTokens: way.model.max_output_tokens * made }
  return { usage: { ...NO_USAGE, ...estimate, pieces }, estimated: true }
}

function readCount({ n }: JsonObject): number {
  if (n === undefined || n === null) return 1
  if (isWhole(n, 1) && n <= IMAGES_MAX) return n
  throw invalid('n', `must be a whole number from 1 to ${IMAGES_MAX}, got ${show(n)}`)
}

/** Images on the way to the last one are billed apart (OpenAI's image generation guide, partial images). */
function refuseStreams({ stream, partial_images: partial }: JsonObject): void {
  if (stream !== undefined && stream !== null && stream !== false) {
    throw invalid('stream', `${show(stream)} is not served: images come whole; leave it out`)
  }
  if (partial !== undefined && partial !== null && partial !== 0) {
    throw invalid('partial_images', `${show(partial)} is not served: they are billed apart and not priced here`)
  }
}
