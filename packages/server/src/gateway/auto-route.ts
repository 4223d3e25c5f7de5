import type { Catalog } from '../catalog/catalog.js'
import type { ModelEntry } from '../catalog/schema.js'
import { isObject, type JsonObject } from './request/value.js'

/** Newest human text shorter than this is a short question. */
const SHORT_CHARS_MAX = 400

/** Agents put such blocks into a person's turn: they say nothing of what the person asked. */
const INJECTED_OPEN = '<system-reminder>'
const INJECTED_CLOSE = '</system-reminder>'

export interface RouteAsk {
  readonly body: JsonObject
  readonly catalog: Catalog
  /** Whether a model can be called now: its provider is configured, the plan has it. */
  readonly available: (model: ModelEntry) => boolean
}

export interface Route {
  readonly model: ModelEntry
  /** One sentence for people: in the receipt and under the message. */
  readonly reason: string
}

/**
 * The model for `auto`. The rule: a short, plain question goes to the small model, everything else to
 * the middle one; where that one is not available, to the other, then to any that is. A model whose
 * retirement is announced is never chosen. Undefined where none is available.
 */
export function chooseModel({ body, catalog, available }: RouteAsk): Route | undefined {
  const { role, why } = weigh(body)
  const usable = catalog.models.filter((model) => model.retired === undefined && available(model))
  const byRole = (name: 'small' | 'middle') => usable.find(({ id }) => id === catalog.router[name])
  const chosen = byRole(role)
  if (chosen) return { model: chosen, reason: `${why}: the ${role} model` }
  const model = byRole(role === 'small' ? 'middle' : 'small') ?? usable[0]
  if (!model) return undefined
  return { model, reason: `${why}, but ${catalog.router[role]} is not available here: ${model.id} instead` }
}

function weigh(body: JsonObject): { role: 'small' | 'middle'; why: string } {
  const { text, hasMedia } = newestHumanText(body.messages ?? inputOf(body.input))
  if (Array.isArray(body.tools) && body.tools.length > 0) return { role: 'middle', why: 'Tools' }
  if (isThinkingAsked(body)) return { role: 'middle', why: 'Thinking asked for' }
  if (hasMedia) return { role: 'middle', why: 'An image or a document' }
  if (text.includes('```')) return { role: 'middle', why: 'Code' }
  if (text.length >= SHORT_CHARS_MAX) return { role: 'middle', why: 'A long message' }
  return { role: 'small', why: 'A short, plain question' }
}

/** In Anthropic's words, or in OpenAI's two. */
function isThinkingAsked({ thinking, reasoning_effort, reasoning }: JsonObject): boolean {
  if (isObject(thinking)) return thinking.type !== 'disabled'
  const effort = isObject(reasoning) ? reasoning.effort : reasoning_effort
  return typeof effort === 'string' && effort !== 'none' && effort !== 'minimal'
}

/** The messages in the input of OpenAI's Responses. */
function inputOf(input: unknown): readonly unknown[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  return Array.isArray(input) ? input.filter((item) => isObject(item) && item.role !== undefined) : []
}

const TEXT_TYPES: readonly unknown[] = ['text', 'input_text']
const MEDIA_TYPES: readonly unknown[] = [
  'image',
  'document',
  'image_url',
  'input_image',
  'file',
  'input_file',
  'input_audio'
]

/** What the person wrote last; turns that only carry tool results are no person's. */
export function newestHumanText(messages: unknown): { text: string; hasMedia: boolean } {
  const list: readonly unknown[] = Array.isArray(messages) ? messages : []
  for (const message of list.toReversed()) {
    if (!isObject(message) || message.role !== 'user') continue
    const { content } = message
    if (typeof content === 'string') return { text: strip(content), hasMedia: false }
    if (!Array.isArray(content)) continue
    const blocks = content.filter(isObject)
    if (blocks.length > 0 && blocks.every((block) => block.type === 'tool_result')) continue
    const texts = blocks.map((block) =>
      TEXT_TYPES.includes(block.type) && typeof block.text === 'string' ? block.text : ''
    )
    const hasMedia = blocks.some((block) => MEDIA_TYPES.includes(block.type))
    return { text: strip(texts.filter(Boolean).join('\n')), hasMedia }
  }
  return { text: '', hasMedia: false }
}

/** Without the injected blocks. Each character is looked at once: the text is as long as a customer likes. */
function strip(text: string): string {
  const kept: string[] = []
  let at = 0
  for (;;) {
    const open = text.indexOf(INJECTED_OPEN, at)
    const close = open === -1 ? -1 : text.indexOf(INJECTED_CLOSE, open)
    if (close === -1) break
    kept.push(text.slice(at, open))
    at = close + INJECTED_CLOSE.length
  }
  kept.push(text.slice(at))
  return kept.join('').trim()
}
