import { NO_USAGE } from '../../catalog/price.js'
import { estimateTextTokens } from '../request/estimate.js'
import { invalid, show } from '../request/value.js'
import { readJsonRequest, readText } from './json-request.js'
import type { ThroughReader } from './kind.js'

/** POST /v1/audio/speech: metered by the characters of what is spoken and of how it is to be spoken. */
export const readSpeech: ThroughReader = (bytes) => {
  const request = readJsonRequest(bytes, ['input', 'instructions', 'stream_format'])
  const { body } = request
  const input = readText(body, 'input')
  const instructions = body.instructions ?? ''
  if (typeof instructions !== 'string') throw invalid('instructions', `must be a text, got ${show(instructions)}`)
  const format = body.stream_format ?? 'audio'
  if (format !== 'audio') throw invalid('stream_format', `${show(format)} is not served: only "audio" is`)
  return {
    model: request.model,
    plan(way) {
      const { context_window: charactersMax } = way.model
      for (const [field, text] of Object.entries({ input, instructions })) {
        const length = charactersOf(text)
        if (length <= charactersMax) continue
        throw invalid(field, `must be at most ${charactersMax} characters for this model, got ${length}`)
      }
      const pieces = { character: charactersOf(input) + charactersOf(instructions) }
      return {
        body: request.bytesFor(way),
        contentType: 'application/json',
        most: { inputTokens: 0, outputTokens: 0, pieces },
        likelyTokens: estimateTextTokens(input, 'other'),
        meter: () => ({ usage: { ...NO_USAGE, pieces }, estimated: false })
      }
    }
  }
}

/** Unicode code points: one emoji is one or a few, never two for its halves. */
function charactersOf(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0xdc00 || code > 0xdfff) count++
  }
  return count
}
