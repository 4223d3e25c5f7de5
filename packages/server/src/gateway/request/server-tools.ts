import type { ClientRequest } from './client-request.js'
import { invalid, isObject, isWhole, type JsonObject, show } from './value.js'

/** Anthropic's tool reference, "client tools", and OpenAI's functions: the caller runs them, so they cost their tokens only. */
const CLIENT_TOOL = /^(?:custom$|function$|bash_|text_editor_|computer_|memory_|browser_)/

/** Most calls of one tool that a request may ask for: each is held for. */
const CALLS_MAX = 100

/** As `readServerTools`; what a Responses client offers is its translation's to judge, for no provider runs any of it. */
export function serverToolsOf(
  { format, body }: Pick<ClientRequest, 'format' | 'body'>,
  prices?: Readonly<Record<string, number>>
): Readonly<Record<string, number>> {
  return format === 'responses' ? {} : readServerTools(body.tools, prices)
}

/**
 * The most calls of each tool that the provider runs, by the tool's name, all of them priced in `prices`
 * (the `server_tools` of the model's rate). Throws `AppError('invalid_request')` that names the field where
 * a tool is not priced, or does not say how often it may run.
 */
export function readServerTools(
  tools: unknown,
  prices: Readonly<Record<string, number>> = {}
): Readonly<Record<string, number>> {
  if (tools === undefined || tools === null) return {}
  if (!Array.isArray(tools)) throw invalid('tools', `must be a list, got ${show(tools)}`)
  const callsMax: Record<string, number> = {}
  for (const [i, tool] of tools.entries()) {
    if (!isObject(tool)) throw invalid(`tools[${i}]`, `must be an object, got ${show(tool)}`)
    const { type } = tool
    if (type === undefined || type === null) continue
    if (typeof type === 'string' && CLIENT_TOOL.test(type)) continue
    const name = typeof type === 'string' ? nameOf(type) : ''
    if (!Object.hasOwn(prices, name)) throw notPriced(`tools[${i}].type`, type)
    callsMax[name] = (callsMax[name] ?? 0) + readMaxUses(tool, `tools[${i}].max_uses`)
  }
  return callsMax
}

/** `web_search_20250305` is a version of `web_search`. */
function nameOf(type: string): string {
  return type.replace(/_\d{8}$/, '')
}

/** Without a bound there is nothing to hold, and the answer could cost more than anybody agreed to. */
function readMaxUses({ max_uses }: JsonObject, field: string): number {
  if (isWhole(max_uses, 1) && max_uses <= CALLS_MAX) return max_uses
  throw invalid(
    field,
    `must be a whole number from 1 to ${CALLS_MAX}, for each call is priced apart; got ${show(max_uses)}`
  )
}

function notPriced(field: string, type: unknown) {
  const mend = 'tools that run at the provider are not priced here; send a tool of your own (type "custom") instead'
  return invalid(field, `${show(type)} is not served: ${mend}`)
}
