import { AppError } from '@caicaini/protocol'
import { invalid, isObject, type JsonObject, show } from './value.js'

/*
 * Fields that change what the provider charges in a way that the rate card does not price. Taking them
 * would bill the customer less or more than the request cost, so they are refused, by name.
 * Sources: Anthropic's pages on service tiers, fast mode, data residency, tool use pricing, the tool
 * reference, compaction and fallbacks, and the parameter types of @anthropic-ai/sdk 1.12.
 */

/** Values that cost what the rate card says. Null and absent do, too. */
const STANDARD: Readonly<Record<string, string>> = {
  // `auto`, the default, may take the operator's priority capacity; named outright it asks for it.
  service_tier: 'standard_only',
  // `fast` costs a multiple.
  speed: 'standard',
  // `us` costs 1.1 times as much.
  inference_geo: 'global'
}

/** Fields that nothing but their absence keeps at the rate card's price. */
const UNPRICED: Readonly<Record<string, string>> = {
  fallbacks: 'another model would answer at another price; ask for that model instead',
  fallback_credit_token: 'it changes the price of a retry; leave it out',
  billing_policy: 'requests are billed to your credits; leave it out',
  mcp_servers: "tools that run at the provider are not priced here; run the MCP server on the client's side",
  container: 'code that runs at the provider is not priced here; leave it out',
  compaction: 'compaction at the provider is billed apart and not priced here; compact in the client'
}

/**
 * Throws `AppError('invalid_request')` that names the first field whose price is not on the rate card. Tools are
 * looked at once the model is known (`server-tools.ts`).
 */
export function refusePricedFields(body: JsonObject): void {
  for (const [field, standard] of Object.entries(STANDARD)) {
    const value = body[field]
    if (value === undefined || value === null || value === standard) continue
    throw invalid(
      field,
      `only "${standard}" is priced here, got ${show(value)}; leave it out or set it to "${standard}"`
    )
  }
  for (const [field, why] of Object.entries(UNPRICED)) {
    const value = body[field]
    if (value === undefined || value === null || isEmptyList(value)) continue
    throw invalid(field, `not served: ${why}`)
  }
  refuseCompactionEdits(body.context_management)
}

/**
 * Throws where the conversation is held at the provider: what was said before is not in the request, so that neither what it
 * costs nor whose it is can be known. The details are what Anthropic's own SDKs look for (1.12, `ThreadState`): their tool runners then
 * send the whole conversation.
 */
export function refuseThread({ thread }: JsonObject): void {
  if (thread === undefined || thread === null) return
  throw new AppError('invalid_request', 'thread: not served: nothing is kept here; send the whole conversation', {
    param: 'thread',
    extra: { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } }
  })
}

/** Compaction runs as a request of its own, whose tokens the top-level usage does not count. */
function refuseCompactionEdits(management: unknown): void {
  if (!isObject(management) || !Array.isArray(management.edits)) return
  for (const [i, edit] of management.edits.entries()) {
    if (!isObject(edit) || typeof edit.type !== 'string' || !edit.type.startsWith('compact')) continue
    throw invalid(
      `context_management.edits[${i}].type`,
      `${show(edit.type)} is not served: compaction at the provider is billed apart and not priced here; compact in the client`
    )
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
