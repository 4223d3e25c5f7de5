import { EXIT } from '@caicaini/protocol'
import { type Question, toBody } from '../lib/answer.js'
import type { ApiClient } from '../lib/api-client.js'
import { CliError } from '../lib/cli-error.js'
import { contentTokens, creditsOf, estimateCredits, priceOf, textTokens } from '../lib/estimate.js'
import { creditsPhrase, grouped } from '../lib/money-text.js'

/** Answers shorter than this are not worth asking for. */
const OUTPUT_TOKENS_MIN = 16
const MILLION = 1_000_000

/** What a question will cost, as far as that can be known before it is sent. */
export interface Forecast {
  readonly model: string
  /** The model that would answer now, where the server says so. */
  readonly modelUsed: string | undefined
  readonly routeReason: string | undefined
  readonly inputTokens: number
  /** Counted by the provider or the server; false: guessed here. */
  readonly counted: boolean
  readonly maxTokens: number
  /** With an answer of usual length; undefined where the model has no price. */
  readonly creditsLikely: number | undefined
  /** With the longest answer that was asked for. */
  readonly creditsMax: number | undefined
  readonly price: { readonly input: number; readonly output: number } | undefined
}

/** Asks the server to count, and guesses where it cannot. */
export async function forecast(question: Question, api: ApiClient, signal: AbortSignal): Promise<Forecast> {
  const { stream: _, max_tokens: __, ...counted } = toBody(question)
  const [models, count] = await Promise.all([api.models(), api.countTokens(counted, signal).catch(() => undefined)])
  const inputTokens = count?.inputTokens ?? guess(question)
  const price = priceOf(models, count?.model ?? question.model)
  return {
    model: question.model,
    modelUsed: count?.model,
    routeReason: count?.routeReason,
    inputTokens,
    counted: count !== undefined && !count.estimated,
    maxTokens: question.maxTokens,
    creditsLikely:
      price && Math.min(exact(estimateCredits(inputTokens, price)), costOf(inputTokens, question.maxTokens, price)),
    creditsMax: price && costOf(inputTokens, question.maxTokens, price),
    price
  }
}

function costOf(input: number, output: number, price: NonNullable<Forecast['price']>): number {
  return exact(creditsOf({ input, output }, price))
}

/** As the wire carries credits: six places. */
const exact = (credits: number) => Math.ceil(credits * MILLION) / MILLION

function guess({ messages, system }: Question): number {
  return messages.reduce((sum, { content }) => sum + contentTokens(content), textTokens(system ?? ''))
}

/**
 * The longest answer that `credits` pay for beside the question: the limit holds whatever is answered. Refuses
 * (exit 5) where the question with an answer of usual length costs more, or where nobody knows what it costs.
 */
export function affordable({ price, inputTokens, maxTokens, creditsLikely, model }: Forecast, credits: number): number {
  if (!price || creditsLikely === undefined)
    throw new CliError(EXIT.credits, `--max-credits: ${model} has no price to go by; nothing was sent`)
  const tokens = Math.floor((credits * MILLION - inputTokens * price.input) / price.output)
  if (creditsLikely <= credits && tokens >= OUTPUT_TOKENS_MIN) return Math.min(maxTokens, tokens)
  const [about, limit] = [creditsPhrase(creditsLikely, 2), creditsPhrase(credits, 2)]
  throw new CliError(
    EXIT.credits,
    `--max-credits: this would cost about ${about} (${grouped(inputTokens)} tokens to ${model}), above ${limit}; nothing was sent`
  )
}

/** For --dry-run, as `--output-format json` has it. */
export function forecastJson(forecast: Forecast) {
  return {
    model: forecast.model,
    model_used: forecast.modelUsed ?? null,
    route_reason: forecast.routeReason ?? null,
    input_tokens: forecast.inputTokens,
    counted: forecast.counted,
    max_tokens: forecast.maxTokens,
    credits_likely: forecast.creditsLikely ?? null,
    credits_max: forecast.creditsMax ?? null
  }
}

export function forecastRows(forecast: Forecast): [string, string][] {
  const { model, modelUsed, routeReason, inputTokens, counted, maxTokens, creditsLikely, creditsMax } = forecast
  const used = modelUsed === undefined || modelUsed === model ? model : `${model} → ${modelUsed}`
  return [
    ['model', routeReason ? `${used} (${routeReason})` : used],
    ['input', `${grouped(inputTokens)} tokens${counted ? '' : ', estimated'}`],
    ['answer', `${grouped(maxTokens)} tokens at most`],
    [
      'credits',
      creditsLikely === undefined || creditsMax === undefined
        ? 'not known: the model has no price'
        : `about ${creditsPhrase(creditsLikely, 2)}, ${creditsPhrase(creditsMax, 2)} at most`
    ]
  ]
}
