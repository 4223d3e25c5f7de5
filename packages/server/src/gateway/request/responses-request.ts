import { readMaxTokens } from './chat-request.js'
import { type ClientRequest, parseBody, readModel, readStream } from './client-request.js'
import { scanTopLevel } from './splice.js'
import { invalid, show } from './value.js'

/** The top-level fields of POST /v1/responses that are read before its translation. */
const READ_FIELDS: ReadonlySet<string> = new Set(['model', 'input', 'stream', 'max_output_tokens', 'service_tier'])

/** Reads it; throws `AppError('invalid_request')` that names the field and the mend. It is always translated. */
export function readResponsesRequest(bytes: Uint8Array): ClientRequest {
  const scan = scanTopLevel(bytes, READ_FIELDS)
  const body = parseBody(bytes)
  const tier = body.service_tier
  if (tier !== undefined && tier !== null && tier !== 'auto' && tier !== 'default')
    throw invalid('service_tier', `${show(tier)} is not served: only "auto" and "default" are priced here`)
  return {
    format: 'responses',
    scan,
    model: readModel(body.model),
    maxTokens: readMaxTokens(body, 'max_output_tokens'),
    maxTokensField: 'max_output_tokens',
    stream: readStream(body.stream ?? undefined),
    usageAsked: true,
    thinkingBudget: null,
    body
  }
}
