import {
  chargeOf,
  entryAt,
  lengthTierFor,
  type PartRates,
  type RateWindow,
  type ReceiptPart,
  ratesOfVersion,
  rateVersion,
  toolKind,
  windowAt
} from '@caicaini/protocol'
import type { ModelEntry, RateEntry } from './schema.js'

/** Tokens of a request by the kinds that are priced apart; the total input is the sum of the four that are not output. */
export interface Usage {
  readonly outputTokens: number
  /** Input that was neither read from nor written to a cache. */
  readonly inputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWrite5mTokens: number
  readonly cacheWrite1hTokens: number
  /** Calls of tools that ran at the provider, by the tool's name; one that is not named was not called. */
  readonly toolCalls: Readonly<Record<string, number>>
  /** What else is priced by the piece, by the kind of a receipt's part: `character`, `audio_second`, `image` that was made. */
  readonly pieces?: Readonly<Record<string, number>>
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  toolCalls: {}
}

/** Prices in force at one time; which length tier holds is for the request's input to say. */
export interface Rate {
  readonly model: string
  readonly entry: RateEntry
  readonly window: RateWindow | undefined
}

/** How long the dearest cache entry that a request writes lives. */
export type CacheWriteTtl = 'none' | '5m' | '1h'

export interface Price {
  /** Names the numbers used, so that the sum can be repeated later. */
  readonly version: string
  /** The summands that are not zero. */
  readonly parts: readonly ReceiptPart[]
  /** Their sum less the discount, in micro-credits, rounded up once. */
  readonly micro: bigint
}

/** The rate of `model` at the time a request started. */
export function rateAt(model: ModelEntry, atMs: number): Rate {
  const entry = entryAt(model.rates, atMs)
  if (entry === undefined) throw new Error(`model ${model.id} has no rate`)
  return { model: model.id, entry, window: windowAt(entry, atMs) }
}

/** The version's text for a request of so many input tokens, cached ones among them. */
export function versionOf({ model, entry, window }: Rate, inputTokens: number): string {
  return rateVersion({ model, from: entry.from, window, tier: lengthTierFor(entry, inputTokens) })
}

/** Micro-credits per million units by kind of part, for a request of so many input tokens. */
export function partRates(rate: Rate, inputTokens: number): PartRates {
  return namedRates(rate.entry, versionOf(rate, inputTokens))
}

/** Every request asks twice; an entry has few versions, one for each window and tier. */
const ratesByEntry = new WeakMap<RateEntry, Map<string, PartRates>>()

function namedRates(entry: RateEntry, version: string): PartRates {
  const known = ratesByEntry.get(entry) ?? new Map<string, PartRates>()
  ratesByEntry.set(entry, known)
  const rates = known.get(version) ?? ratesOfVersion(entry, version)
  if (!rates) throw new Error(`bug: ${version} names no rates`)
  known.set(version, rates)
  return rates
}

export function totalInput(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
}

/** What a request that used this, with so many images in it, costs at `rate` less `discountPercent` (whole, 0 to 100). */
export function priceOf(
  rate: Rate,
  { usage, images }: { readonly usage: Usage; readonly images: number },
  discountPercent: number
): Price {
  const quantities: Record<string, number> = {
    input: usage.inputTokens,
    output: usage.outputTokens,
    cache_read: usage.cacheReadTokens,
    cache_write_5m: usage.cacheWrite5mTokens,
    cache_write_1h: usage.cacheWrite1hTokens,
    image: images,
    request: 1,
    ...usage.pieces
  }
  for (const [tool, calls] of Object.entries(usage.toolCalls)) quantities[toolKind(tool)] = calls
  const version = versionOf(rate, totalInput(usage))
  const rates = namedRates(rate.entry, version)
  const parts: ReceiptPart[] = []
  for (const [kind, quantity] of Object.entries(quantities)) {
    const perMillion = rates[kind]
    // What the card does not price is not billed; a tool that it does not price was refused.
    if (quantity > 0 && perMillion !== undefined) parts.push({ kind, quantity, rate: perMillion })
  }
  return { version, parts, micro: chargeOf(parts, discountPercent) }
}

/** What is known of a request before its provider is called, as far as it costs something. */
export interface Expected {
  /** An estimate, meant not to fall short. */
  readonly inputTokens: number
  readonly cacheWriteTtl: CacheWriteTtl
  readonly images: number
  /** The most calls of each tool that runs at the provider. */
  readonly toolCallsMax: Readonly<Record<string, number>>
  /** The most of what `Usage.pieces` counts. */
  readonly pieces?: Readonly<Record<string, number>>
}

/** What a request may cost, exactly, in units of which `COST_UNITS_PER_MICRO` are a micro-credit: its input, and each token of its output. */
export interface HoldCost {
  readonly inputCost: bigint
  readonly outputRate: bigint
}

/**
 * What to hold for a request: all its estimated input at the dearest rate it may meet, each output token,
 * and its pieces. Input that turns out shorter may be of an earlier tier, so the dearest of those holds.
 */
export function holdCost(rate: Rate, expected: Expected, discountPercent: number): HoldCost {
  const share = BigInt(100 - discountPercent)
  const lengths = [0, ...(rate.entry.length_tiers ?? []).map(({ above }) => above + 1)]
  const reachable = lengths.filter((length) => length <= expected.inputTokens || length === 0)
  const cards = reachable.map((length) => partRates(rate, length))
  const dearest = (kinds: readonly string[]) =>
    cards.flatMap((card) => kinds.map((kind) => BigInt(card[kind] ?? 0))).reduce((a, b) => (b > a ? b : a), 0n)
  const tools = Object.entries(expected.toolCallsMax).map(([tool, calls]) => [toolKind(tool), calls] as const)
  const others = Object.entries(expected.pieces ?? {})
  const pieces = [['image', expected.images], ['request', 1], ...tools, ...others] as const
  const piecesCost = pieces.reduce((sum, [kind, quantity]) => sum + BigInt(quantity) * dearest([kind]), 0n)
  const inputCost = BigInt(expected.inputTokens) * dearest(inputKinds(expected.cacheWriteTtl))
  return { inputCost: (inputCost + piecesCost) * share, outputRate: dearest(['output']) * share }
}

/** What input may be billed as: a cache write costs more than plain input, but only where one is asked for. */
function inputKinds(cacheWriteTtl: CacheWriteTtl): readonly string[] {
  const writes = { none: [], '5m': ['cache_write_5m'], '1h': ['cache_write_5m', 'cache_write_1h'] }
  return ['input', 'cache_read', ...writes[cacheWriteTtl]]
}
