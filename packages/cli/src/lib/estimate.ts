import type { Model } from '@caicaini/protocol/api'
import type { Content } from './answer.js'

const MILLION = 1_000_000
/** What an answer is guessed at before there was one. */
const ANSWER_TOKENS = 600
/** An image, whatever its size: providers scale what is larger (Anthropic: at most about 1,600). */
export const IMAGE_TOKENS = 1_600
/** Base64 of a PDF is text and images of its pages; about 2,000 tokens a page of 50 KB. */
const DOCUMENT_BYTES_A_TOKEN = 25

/** Tokens of a text, guessed: a quarter of its Latin letters, each of its wide characters. */
export function textTokens(text: string): number {
  let wide = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x2e7f) wide++
  return Math.ceil((text.length - wide) / 4 + wide * 0.8)
}

export function documentTokens(bytes: number): number {
  return Math.ceil(bytes / DOCUMENT_BYTES_A_TOKEN)
}

export function contentTokens(content: Content): number {
  if (typeof content === 'string') return textTokens(content)
  return content.reduce((sum, block) => {
    if (block.type === 'text') return sum + textTokens(block.text)
    if (block.type === 'image') return sum + IMAGE_TOKENS
    return sum + documentTokens((block.source.data.length * 3) / 4)
  }, 0)
}

/** Whether `name` is the model's id or one of its other names. */
export function isNamed({ id, aliases }: Pick<Model, 'id' | 'aliases'>, name: string): boolean {
  return [id, ...aliases].some((one) => one === name || one === `caicaini/${name}`)
}

/** The price by which `name` is guessed: of what `auto` chooses the dearest, so that nobody is surprised. */
export function priceOf(models: readonly Model[], name: string): { input: number; output: number } | undefined {
  const model = models.find((one) => isNamed(one, name))
  if (!model) return undefined
  if (model.price) return { input: model.price.input, output: model.price.output }
  const priced = models.flatMap(({ price, serves }) => (price && serves === undefined ? [price] : []))
  const dearest = priced.toSorted((a, b) => b.output - a.output)[0]
  return dearest && { input: dearest.input, output: dearest.output }
}

export function creditsOf(
  { input, output }: { input: number; output: number },
  price: { input: number; output: number }
): number {
  return (input * price.input + output * price.output) / MILLION
}

/** Credits that a message will cost about: what goes out, and an answer as long as those before. */
export function estimateCredits(inputTokens: number, price: { input: number; output: number }): number {
  return creditsOf({ input: inputTokens, output: ANSWER_TOKENS }, price)
}
