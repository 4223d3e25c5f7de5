import { NO_USAGE } from '../../catalog/price.js'
import { readModel } from '../request/client-request.js'
import { estimateTextTokens, estimateTextTokensMost } from '../request/estimate.js'
import { invalid, isObject, type JsonObject, show } from '../request/value.js'
import { onlyPart, readForm, textOf } from './form.js'
import { countIn, parseAnswer } from './json-request.js'
import type { Metered, ThroughReader, ThroughWay } from './kind.js'

/** The most compact sound there is: Opus at its lowest, 6 kbit/s (RFC 6716, 2.1.1). */
const SOUND_BYTES_PER_SECOND_LEAST = 750
/** Speech is about ten tokens a second (OpenAI's docs, audio). */
const TOKENS_PER_SECOND = 10
/** Two and a half words a second are spoken, of about 1.3 tokens each. */
const TEXT_TOKENS_PER_SECOND = 3
const SECONDS_MAX = 1_000_000

/** Answers that say what they used. `text`, `srt` and `vtt` do not. */
const FORMATS: readonly string[] = ['json', 'verbose_json', 'diarized_json']

/** POST /v1/audio/transcriptions: metered by the provider's seconds, or its tokens, as the card prices them. */
export const readTranscription: ThroughReader = (bytes, contentType) => {
  const parts = readForm(bytes, contentType)
  const model = readModel(textOf(bytes, parts, 'model'))
  const format = textOf(bytes, parts, 'response_format') ?? 'json'
  if (!FORMATS.includes(format)) {
    const message = `${show(format)} is not served, for its answer does not say how long the sound was: ask for "json" or "verbose_json"`
    throw invalid('response_format', message)
  }
  const stream = textOf(bytes, parts, 'stream') ?? 'false'
  if (!/^false$/i.test(stream))
    throw invalid('stream', `${show(stream)} is not served: a text comes whole; leave it out`)
  const file = onlyPart(parts, 'file')
  if (!file?.isFile) throw invalid('file', 'is missing; send a file of sound')
  const secondsMax = Math.max(1, Math.ceil((file.end - file.start) / SOUND_BYTES_PER_SECOND_LEAST))
  const prompt = textOf(bytes, parts, 'prompt') ?? ''
  const name = onlyPart(parts, 'model')
  if (!name) throw new Error('bug: the model was read')
  return {
    model,
    plan(way) {
      const { context_window, max_output_tokens } = way.model
      const tokensMax = secondsMax * TOKENS_PER_SECOND + estimateTextTokensMost(prompt)
      const most = isPricedBySeconds(way)
        ? { inputTokens: 0, outputTokens: 0, pieces: { audio_second: secondsMax } }
        : { inputTokens: Math.min(tokensMax, context_window), outputTokens: max_output_tokens, pieces: {} }
      const body = [bytes.subarray(0, name.start), Buffer.from(way.upstreamId), bytes.subarray(name.end)]
      return {
        body: Buffer.concat(body),
        contentType: contentType ?? '',
        most,
        // How long the sound is nobody knows yet: it counts as a request, and as its tokens once they are told.
        likelyTokens: 0,
        meter: (answer) => meter(answer, { way, secondsMax })
      }
    }
  }
}

function isPricedBySeconds({ rate }: Pick<ThroughWay, 'rate'>): boolean {
  return rate.entry.per_audio_second !== undefined
}

function meter(answer: Uint8Array, { way, secondsMax }: { way: ThroughWay; secondsMax: number }): Metered | undefined {
  const json = parseAnswer(answer)
  if (!isObject(json) || typeof json.text !== 'string') return undefined
  const usage = isObject(json.usage) ? json.usage : {}
  const inputTokens = countIn(usage.input_tokens)
  const outputTokens = countIn(usage.output_tokens)
  const textTokens = estimateTextTokens(json.text, 'other')
  // So much text takes about so long to say.
  const guess = Math.min(Math.max(1, Math.ceil(textTokens / TEXT_TOKENS_PER_SECOND)), secondsMax)
  if (isPricedBySeconds(way)) {
    const told = secondsIn(json, usage)
    return { usage: { ...NO_USAGE, pieces: { audio_second: told ?? guess } }, estimated: told === undefined }
  }
  const estimated = inputTokens === undefined || outputTokens === undefined
  const tokens = estimated
    ? { inputTokens: guess * TOKENS_PER_SECOND, outputTokens: textTokens }
    : { inputTokens, outputTokens }
  return { usage: { ...NO_USAGE, ...tokens }, estimated }
}

/** Whole seconds, begun ones among them; OpenAI's `usage.seconds`; older servers say `duration` alone, some as a text. */
function secondsIn(json: JsonObject, usage: JsonObject): number | undefined {
  const seconds = Number(usage.seconds ?? json.duration ?? Number.NaN)
  if (!(seconds >= 0 && seconds <= SECONDS_MAX)) return undefined
  return Math.max(1, Math.ceil(seconds))
}
