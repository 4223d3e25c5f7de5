import { ceilDiv } from '@caicaini/protocol'
import { partRates, rateAt } from '../../catalog/price.js'
import type { ModelEntry } from '../../catalog/schema.js'

/** An answer of ordinary length, where nothing is known of it yet. */
export const OUTPUT_TOKENS_EXPECTED = 800n
const PER_MILLION = 1_000_000n

export interface Size {
  /** Input that no cache has. */
  readonly freshTokens: number
  readonly inputTokens: number
}

/** What an ordinary answer to so much new input costs at the prices of this minute, in micro-credits. */
export function costAt(model: ModelEntry, { freshTokens, inputTokens }: Size, nowMs: number): bigint {
  const { input = 0, output = 0 } = partRates(rateAt(model, nowMs), inputTokens)
  return ceilDiv(BigInt(freshTokens) * BigInt(input) + OUTPUT_TOKENS_EXPECTED * BigInt(output), PER_MILLION)
}

/** What a cache of so many tokens spares at this model: their plain price less that of reading them, in micro-credits. */
export function cacheWorth(model: ModelEntry, cachedTokens: number, nowMs: number): bigint {
  const { input = 0, cache_read = 0 } = partRates(rateAt(model, nowMs), cachedTokens)
  const spared = BigInt(input) - BigInt(cache_read)
  return spared > 0n ? ceilDiv(BigInt(cachedTokens) * spared, PER_MILLION) : 0n
}

/** The cheapest at this minute; of equally cheap ones the first. */
export function cheapest(models: readonly ModelEntry[], size: Size, nowMs: number): ModelEntry | undefined {
  let best: { readonly model: ModelEntry; readonly cost: bigint } | undefined
  for (const model of models) {
    const cost = costAt(model, size, nowMs)
    if (!best || cost < best.cost) best = { model, cost }
  }
  return best?.model
}

/** Providers that charge no more for writing to their cache than for plain input keep one unasked. */
export function cachesUnasked(model: ModelEntry, nowMs: number): boolean {
  const { entry } = rateAt(model, nowMs)
  return entry.cache_read < entry.input && entry.cache_write_5m <= entry.input
}
