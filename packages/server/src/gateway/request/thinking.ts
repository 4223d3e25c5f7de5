import { isObject, type JsonObject } from './value.js'

/** What a request says of thinking, in Anthropic's words or in OpenAI's two. */
export function thinkingOf({ thinking, reasoning_effort, reasoning }: JsonObject): 'asked' | 'off' | 'unsaid' {
  if (isObject(thinking)) return thinking.type === 'disabled' ? 'off' : 'asked'
  const effort = isObject(reasoning) ? reasoning.effort : reasoning_effort
  if (typeof effort !== 'string') return 'unsaid'
  return effort === 'none' || effort === 'minimal' ? 'off' : 'asked'
}
