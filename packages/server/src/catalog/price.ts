import { COST_UNITS_PER_MICRO, ceilDiv, type ReceiptPart } from '@caicaini/protocol'
import { startOfDayMs } from './catalog.js'
import type { ModelEntry, RateEntry } from './schema.js'

/** Tokens of a request by the kinds that are priced apart; the total input is the sum of the last four. */
export interface Usage {
  readonly outputTokens: number
  /** Input that was neither read from nor written to a cache. */
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWrite5mTokens: number
  readonly cacheWrite1hTokens: number
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0
}

/** Prices in force at one time, in micro-credits per million tokens. */
export interface Rate {
  /** `<model id>@<from>`: what a receipt names, so that its sum can be repeated later. */
  readonly version: string
  readonly input: bigint
  readonly output: bigint
  readonly cacheRead: bigint
  readonly cacheWrite5m: bigint
  readonly cacheWrite1h: bigint
}

/** How long the dearest cache entry that a request writes lives. */
export type CacheWriteTtl = 'none' | '5m' | '1h'

export interface Price {
  /** The summands that are not zero. */
  readonly parts: readonly ReceiptPart[]
  /** Their sum less the discount, in micro-credits, rounded up once. */
  readonly micro: bigint
}

/** The rate of `model` at `nowMs`. Before the first date the first rate holds: a clock set back stops no service. */
export function rateAt(model: ModelEntry, nowMs: number): Rate {
  let entry: RateEntry | undefined
  for (const rate of model.rates) {
    if (entry === undefined || startOfDayMs(rate.from) <= nowMs) entry = rate
  }
  if (entry === undefined) throw new Error(`model ${model.id} has no rate`)
  return {
    version: `${model.id}@${entry.from}`,
    input: BigInt(entry.input),
    output: BigInt(entry.output),
    cacheRead: BigInt(entry.cache_read),
    cacheWrite5m: BigInt(entry.cache_write_5m),
    cacheWrite1h: BigInt(entry.cache_write_1h)
  }
}

/** What `usage` costs at `rate` less `discountPercent` (whole, 0 to 100). */
export function priceOf(rate: Rate, usage: Usage, discountPercent: number): Price {
  const all = [
    { kind: 'input', quantity: usage.inputTokens, perMillion: rate.input },
    { kind: 'output', quantity: usage.outputTokens, perMillion: rate.output },
    { kind: 'cache_read', quantity: usage.cacheReadTokens, perMillion: rate.cacheRead },
    { kind: 'cache_write_5m', quantity: usage.cacheWrite5mTokens, perMillion: rate.cacheWrite5m },
    { kind: 'cache_write_1h', quantity: usage.cacheWrite1hTokens, perMillion: rate.cacheWrite1h }
  ] as const
  let sum = 0n
  const parts: ReceiptPart[] = []
  for (const { kind, quantity, perMillion } of all) {
    if (quantity === 0) continue
    sum += BigInt(quantity) * perMillion
    parts.push({ kind, quantity, rate: Number(perMillion) })
  }
  return { parts, micro: discounted(sum, discountPercent) }
}

/** What a request may cost, exactly, in units of which `COST_UNITS_PER_MICRO` are a micro-credit: its input, and each token of its output. */
export interface HoldCost {
  readonly inputCost: bigint
  readonly outputRate: bigint
}

/** What to hold for a request: all its estimated input at the dearest rate it may meet, and each output token. */
export function holdCost(
  rate: Rate,
  { inputTokens, cacheWriteTtl }: { inputTokens: number; cacheWriteTtl: CacheWriteTtl },
  discountPercent: number
): HoldCost {
  const share = BigInt(100 - discountPercent)
  return {
    inputCost: BigInt(inputTokens) * dearestInputRate(rate, cacheWriteTtl) * share,
    outputRate: rate.output * share
  }
}

/** The dearest rate that input may meet: a cache write costs more than plain input, but only where one is asked for. */
function dearestInputRate(rate: Rate, cacheWriteTtl: CacheWriteTtl): bigint {
  let dearest = rate.input
  if (rate.cacheRead > dearest) dearest = rate.cacheRead
  if (cacheWriteTtl !== 'none' && rate.cacheWrite5m > dearest) dearest = rate.cacheWrite5m
  if (cacheWriteTtl === '1h' && rate.cacheWrite1h > dearest) dearest = rate.cacheWrite1h
  return dearest
}

function discounted(sum: bigint, discountPercent: number): bigint {
  return ceilDiv(sum * BigInt(100 - discountPercent), COST_UNITS_PER_MICRO)
}
