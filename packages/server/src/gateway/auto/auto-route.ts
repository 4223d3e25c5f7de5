import type { Catalog } from '../../catalog/catalog.js'
import type { ModelEntry } from '../../catalog/schema.js'
import type { JsonObject } from '../request/value.js'
import { type Conversation, readConversation } from './conversation.js'
import { cachesUnasked, cacheWorth, cheapest, costAt } from './cost.js'
import { decidePinned, type Verdict } from './decide.js'
import { featuresOf } from './features.js'
import { fits, lackOf, type Needs, needsOf } from './needs.js'
import { type Asker, conversationKey, type KeyedPin, type Pin, type Pins } from './pins.js'
import { isStuck } from './repeats.js'
import { type Score, scoreOf, TIERS, type Tier } from './score.js'

export interface RouteAsk {
  readonly body: JsonObject
  readonly catalog: Catalog
  readonly nowMs: number
  /** Whether a model can be called now: its provider is configured, the plan has it. */
  readonly available: (model: ModelEntry) => boolean
  /** Who asks, and what is remembered of conversations; without it each message stands for itself. */
  readonly pinned?: { readonly asker: Asker; readonly pins: Pick<Pins, 'get'> } | undefined
}

export interface Route {
  readonly model: ModelEntry
  /** One sentence for people: in the receipt and under the message. */
  readonly reason: string
  /** What is to be remembered of the conversation if the model is called. */
  readonly pin?: KeyedPin
}

/** Anthropic: main, subagent, workflow, compaction or auxiliary, which are titles, classifiers and summaries (docs, LLM gateways). */
const REQUEST_CLASS = 'x-claude-code-request-class'

/**
 * The model for `auto`, by the rules that docs/auto.md states. Undefined where none is available; a model
 * whose retirement is announced is never chosen. Remembers nothing itself.
 */
export function chooseModel(ask: RouteAsk): Route | undefined {
  const { body, pinned, nowMs } = ask
  const needs = needsOf(body)
  const models = usableModels(ask, needs)
  const requestClass = pinned?.asker.headers.get(REQUEST_CLASS)?.trim()
  if (requestClass === 'auxiliary') return routeTo(models, { tier: 'small', why: 'Auxiliary call' }, needs, ask)
  const conversation = readConversation(body)
  const score = scoreOf(featuresOf(conversation, body))
  if (!pinned) return routeTo(models, { tier: score.tier, why: score.why }, needs, ask)

  const key = conversationKey(pinned.asker, body, conversation)
  const pin = pinned.pins.get(key, nowMs)
  const { calls } = conversation
  // Fewer than had been seen: the client has compacted the conversation, and these are new.
  const callsSeen = pin && pin.callsSeen <= calls.length ? pin.callsSeen : 0
  const stuck = isStuck(calls.slice(callsSeen))
  const isHumanTurn = conversation.isHumanTurn && requestClass !== 'compaction'
  const turn = { ...conversation, isHumanTurn, isStuck: stuck }
  const verdict = verdictOf({ pin, score, turn, needs, models }, ask)
  const kept = verdict.keeps ? models.usable.find(({ id }) => id === pin?.modelId) : undefined
  const route = kept ? keptRoute(kept, verdict) : routeTo(models, verdict, needs, ask)
  if (!route) return undefined
  const next = {
    modelId: route.model.id,
    tier: kept ? verdict.tier : tierOf(ask.catalog, route.model, verdict.tier),
    atMs: nowMs,
    cacheTtlMs: needs.cacheTtlMs,
    inputTokens: needs.inputTokens,
    callsSeen: stuck && !verdict.keeps ? calls.length : callsSeen
  }
  return { ...route, pin: { key, pin: next } }
}

interface Usable {
  /** Those that can be called now and can take the request. */
  readonly usable: readonly ModelEntry[]
  /** Those that could be called now. */
  readonly callable: readonly ModelEntry[]
}

function usableModels({ catalog, available }: RouteAsk, needs: Needs): Usable {
  const callable = catalog.models.filter((model) => model.retired === undefined && available(model))
  const usable = callable.filter((model) => fits(model, needs))
  // Where none can take it, its provider says why better than we could.
  return { callable, usable: usable.length > 0 ? usable : callable }
}

interface Turn {
  readonly pin: Pin | undefined
  readonly score: Score
  readonly turn: Conversation & { readonly isStuck: boolean }
  readonly needs: Needs
  readonly models: Usable
}

function verdictOf({ pin, score, turn, needs, models }: Turn, ask: RouteAsk): Verdict {
  const first = { tier: score.tier, keeps: false, why: score.why }
  const model = models.usable.find(({ id }) => id === pin?.modelId)
  if (!pin) {
    const goesUp = turn.isStuck && score.tier !== 'top'
    return goesUp ? decidePinned({ pin: score, score, ...turn, cacheWorth: 0n, saving: 0n }) : first
  }
  // The floors come first: a pin is no help where its model cannot take the request.
  if (!model) return turn.isHumanTurn && score.isClear ? first : { ...first, tier: pin.tier }
  const { nowMs } = ask
  const cachedTokens = cachedOf(pin, model, needs, nowMs)
  const { inputTokens } = needs
  const size = { freshTokens: inputTokens - cachedTokens, inputTokens }
  const other = modelOf(score.tier, models, needs, ask) ?? model
  const saving = costAt(model, size, nowMs) - costAt(other, size, nowMs)
  return decidePinned({ pin, score, ...turn, cacheWorth: cacheWorth(model, cachedTokens, nowMs), saving })
}

/** Input that the pinned model's provider still has from the turn before. */
function cachedOf(pin: Pin, model: ModelEntry, { inputTokens }: Needs, nowMs: number): number {
  const ttlMs = pin.cacheTtlMs > 0 ? pin.cacheTtlMs : cachesUnasked(model, nowMs) ? UNASKED_CACHE_MS : 0
  return nowMs - pin.atMs < ttlMs ? Math.min(pin.inputTokens, inputTokens) : 0
}

/** What DeepSeek and Moonshot promise is hours and "a while": five minutes are sure. */
const UNASKED_CACHE_MS = 5 * 60_000

function keptRoute(model: ModelEntry, { tier, why }: Verdict): Route {
  return { model, reason: why.startsWith('Pinned') ? why : `${why}: the ${tier} model` }
}

/** The names of a tier's model and of those that the operator takes to be as good. */
function idsOf({ router }: Catalog, tier: Tier): readonly string[] {
  // A catalog without a strongest model has its middle one for that.
  const id = tier === 'top' ? (router.top ?? router.middle) : router[tier]
  return [id, ...(router.as_good?.[tier] ?? [])]
}

/** Of a tier's models that can be used the cheapest at this minute. */
function modelOf(tier: Tier, { usable }: Usable, { inputTokens }: Needs, { catalog, nowMs }: RouteAsk) {
  const ids = idsOf(catalog, tier)
  const models = ids.flatMap((id) => usable.filter((model) => model.id === id))
  return cheapest(models, { freshTokens: inputTokens, inputTokens }, nowMs)
}

/** Where a tier has no model here, a stronger one's answer is good as well, then a weaker one's. */
const INSTEAD: Readonly<Record<Tier, readonly Tier[]>> = {
  small: ['middle', 'top'],
  middle: ['top', 'small'],
  top: ['middle', 'small']
}

function routeTo(
  models: Usable,
  { tier, why }: Pick<Verdict, 'tier' | 'why'>,
  needs: Needs,
  ask: RouteAsk
): Route | undefined {
  const wished = modelOf(tier, models, needs, ask)
  if (wished) return { model: wished, reason: `${why}: the ${tier} model${windowNote(wished, tier, models, ask)}` }
  const model = INSTEAD[tier].map((other) => modelOf(other, models, needs, ask)).find(Boolean) ?? models.usable[0]
  if (!model) return undefined
  const [id = ''] = idsOf(ask.catalog, tier)
  const entry = models.callable.find((each) => each.id === id)
  const lack = entry ? `${id} does not take ${lackOf(entry, needs)}` : `${id} is not available here`
  return { model, reason: `${why}, but ${lack}: ${model.id} instead` }
}

/** That a model as good as the usual one was taken for its price. */
function windowNote(model: ModelEntry, tier: Tier, { usable }: Usable, { catalog }: RouteAsk): string {
  const [id] = idsOf(catalog, tier)
  const usual = usable.some((each) => each.id === id)
  return model.id !== id && usual ? `, ${model.id} at the price of this minute` : ''
}

/** The tier that a model stands for; one that stands for none, that which was wished. */
function tierOf(catalog: Catalog, model: ModelEntry, wished: Tier): Tier {
  if (idsOf(catalog, wished).includes(model.id)) return wished
  return TIERS.find((tier) => idsOf(catalog, tier).includes(model.id)) ?? wished
}
