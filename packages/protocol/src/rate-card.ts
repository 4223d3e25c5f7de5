/*
 * The published prices of a model, and how a receipt names the numbers that it used. The server prices
 * by this, and whoever has the published entries can repeat it at any later time.
 */

/** Prices of tokens, each whole micro-credits per million. */
export interface TokenRates {
  readonly input: number
  readonly output: number
  readonly cache_read: number
  readonly cache_write_5m: number
  readonly cache_write_1h: number
}

/** Prices of a request whose whole input, cached tokens among it, is more than `above` tokens. */
export interface LengthTier extends TokenRates {
  readonly above: number
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** Hours of some weekdays, in UTC, in which every token costs `percent` per cent of its price. */
export interface RateWindow {
  readonly name: string
  readonly days: readonly Weekday[]
  /** `HH:MM`. */
  readonly from: string
  /** `HH:MM`, exclusive; `24:00` is the end of the day. */
  readonly to: string
  /** Whole: 200 is twice the price. Every rate × percent / 100 is whole. */
  readonly percent: number
}

/** Prices that hold from a UTC day on, in the shape of the catalog file. */
export interface RateCardEntry extends TokenRates {
  /** `YYYY-MM-DD`. */
  readonly from: string
  /** By rising `above`. */
  readonly length_tiers?: readonly LengthTier[] | undefined
  readonly windows?: readonly RateWindow[] | undefined
  /** Micro-credits for each request that is billed. */
  readonly per_request?: number | undefined
  /** Micro-credits for each image in the request; of a model that makes images, for each that it made. */
  readonly per_image?: number | undefined
  /** Micro-credits for each character that is spoken. */
  readonly per_character?: number | undefined
  /** Micro-credits for each second of audio that is heard, begun ones whole. */
  readonly per_audio_second?: number | undefined
  /** Micro-credits for each call of a tool that runs at the provider, by name. */
  readonly server_tools?: Readonly<Record<string, number>> | undefined
}

/** Micro-credits per million units, by the kind of a receipt's part. What has no price is not in it. */
export type PartRates = Readonly<Record<string, number>>

/** What a million of something costs that is priced by the piece, in micro-credits. */
export const UNITS_PER_RATE = 1_000_000

/** The largest price of one piece, in micro-credits, whose rate per million is a safe integer. */
export const PIECE_MICRO_MAX = Math.floor(Number.MAX_SAFE_INTEGER / UNITS_PER_RATE)

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const DAY_MINUTES = 24 * 60

/** The entry in force at a time. Before the first date the first entry holds: a clock set back stops no service. */
export function entryAt<E extends Pick<RateCardEntry, 'from'>>(entries: readonly E[], atMs: number): E | undefined {
  return entries.findLast(({ from }) => Date.parse(`${from}T00:00:00Z`) <= atMs) ?? entries[0]
}

/** The window that a time lies in; there is one at most. */
export function windowAt({ windows }: Pick<RateCardEntry, 'windows'>, atMs: number): RateWindow | undefined {
  const at = new Date(atMs)
  const day = WEEKDAYS[at.getUTCDay()]
  const minute = at.getUTCHours() * 60 + at.getUTCMinutes()
  return windows?.find(
    ({ days, from, to }) => days.some((each) => each === day) && minutesOf(from) <= minute && minute < minutesOf(to)
  )
}

/** Minutes of the day of an `HH:MM`. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** The tier of a request with so many tokens of input, cached ones among them; undefined below the first. */
export function lengthTierFor(
  { length_tiers }: Pick<RateCardEntry, 'length_tiers'>,
  inputTokens: number
): LengthTier | undefined {
  return length_tiers?.findLast(({ above }) => inputTokens > above)
}

/** What a receipt names: `MODEL@DAY`, then `/WINDOW` and `/over-TOKENS` where they apply. */
export function rateVersion(ask: {
  readonly model: string
  readonly from: string
  readonly window?: Pick<RateWindow, 'name'> | undefined
  readonly tier?: Pick<LengthTier, 'above'> | undefined
}): string {
  const window = ask.window ? `/${ask.window.name}` : ''
  const tier = ask.tier ? `/over-${ask.tier.above}` : ''
  return `${ask.model}@${ask.from}${window}${tier}`
}

export interface RateVersion {
  readonly model: string
  readonly from: string
  readonly window: string | null
  readonly above: number | null
}

/** The parts of a version's text; undefined where it is none. */
export function parseRateVersion(version: string): RateVersion | undefined {
  const match = /^([^@]+)@(\d{4}-\d{2}-\d{2})(?:\/(?!over-\d)([\w.-]+))?(?:\/over-(\d+))?$/.exec(version)
  if (!match) return undefined
  const [, model = '', from = '', window, above] = match
  return { model, from, window: window ?? null, above: above === undefined ? null : Number(above) }
}

/**
 * The numbers that a version means: the rate of each kind of part in a receipt that names it.
 * Undefined where the entry is another day's, or has no such window or tier.
 */
export function ratesOfVersion(entry: RateCardEntry, version: string): PartRates | undefined {
  const named = parseRateVersion(version)
  if (!named || named.from !== entry.from) return undefined
  const window = entry.windows?.find(({ name }) => name === named.window)
  const tier = entry.length_tiers?.find(({ above }) => above === named.above)
  if ((named.window !== null && !window) || (named.above !== null && !tier)) return undefined
  const { input, output, cache_read, cache_write_5m, cache_write_1h } = tier ?? entry
  const percent = window?.percent ?? 100
  const tokens = { input, output, cache_read, cache_write_5m, cache_write_1h }
  return {
    ...Object.fromEntries(Object.entries(tokens).map(([kind, rate]) => [kind, shareOf(rate, percent)])),
    ...(entry.per_image !== undefined && { image: entry.per_image * UNITS_PER_RATE }),
    ...(entry.per_character !== undefined && { character: entry.per_character * UNITS_PER_RATE }),
    ...(entry.per_audio_second !== undefined && { audio_second: entry.per_audio_second * UNITS_PER_RATE }),
    ...(entry.per_request !== undefined && { request: entry.per_request * UNITS_PER_RATE }),
    ...Object.fromEntries(
      Object.entries(entry.server_tools ?? {}).map(([tool, micro]) => [toolKind(tool), micro * UNITS_PER_RATE])
    )
  }
}

/** The kind of a receipt's part for the calls of a tool that runs at the provider. */
export function toolKind(tool: string): string {
  return `tool:${tool}`
}

/** By way of `bigint`, for the product may not be a safe integer where the share is one. */
function shareOf(rate: number, percent: number): number {
  return Number((BigInt(rate) * BigInt(percent)) / 100n)
}

/** Windows as spans of the week, for finding two that overlap: minutes since Sunday began. */
export function weekSpans({ days, from, to }: RateWindow): { readonly start: number; readonly end: number }[] {
  return days.map((day) => {
    const midnight = WEEKDAYS.indexOf(day) * DAY_MINUTES
    return { start: midnight + minutesOf(from), end: midnight + minutesOf(to) }
  })
}
