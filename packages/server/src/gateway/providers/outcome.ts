import { parseErrorBody } from '@caicaini/protocol'
import type { FailedEvent, RefusedEvent } from './provider.js'

export interface UpstreamAnswer {
  readonly status: number
  /** Its `retry-after`, in seconds or as a date (RFC 9110). */
  readonly retryAfterMs?: number | null
  readonly body: Uint8Array
}

export interface OutcomeContext {
  readonly provider: string
  /** Environment variables that the operator mends it with. */
  readonly apiKeyEnv: string
  readonly baseUrlEnv: string
  /** The operator's key: cut out of whatever is passed on. Null where there is none. */
  readonly apiKey: string | null
}

/** The request's own faults: what the provider says of them helps the customer. */
const REQUEST_FAULTS: ReadonlySet<number> = new Set([400, 404, 413, 422])

/**
 * Anthropic answers 400 where the operator's account is out of money or over its own limit
 * ("Your credit balance is too low…", "You have reached your specified API usage limits"): that is no
 * fault of the request, and none of the customer's business.
 */
const ACCOUNT_TROUBLE = /credit balance|usage limits|billing|api key|organization|workspace/i

const CREDENTIALS_REFUSED = "The provider refused the gateway's own credentials"

/** Whether a failure says that the key itself is no good. */
export function isKeyRefused(event: RefusedEvent | FailedEvent): boolean {
  return event.type === 'failed' && event.message === CREDENTIALS_REFUSED
}

/** No key of the provider is in use: it is not asked. */
export function allKeysAside(provider: string): FailedEvent {
  const operatorHint = `${provider}: every key was refused and is set aside; caicaini admin providers names them`
  return failed({ message: CREDENTIALS_REFUSED, shouldRetry: false, operatorHint })
}

/** What an upstream's answer other than 200 means for the customer, and what for the operator. */
export function judgeAnswer(answer: UpstreamAnswer, context: OutcomeContext): RefusedEvent | FailedEvent {
  const { status } = answer
  const { provider, apiKeyEnv, baseUrlEnv } = context
  if (status === 401 || status === 402 || status === 403) {
    const what = status === 402 ? 'The account behind it is out of money' : 'The key was refused'
    return failed({
      status,
      message: CREDENTIALS_REFUSED,
      shouldRetry: false,
      operatorHint: `${provider} answered ${status}. ${what}: mend ${apiKeyEnv}.`
    })
  }
  if (REQUEST_FAULTS.has(status)) return judgeRequestFault(answer, context)
  // OpenAI says so of the operator's money, too (their error codes guide).
  if (status === 429 && /insufficient_quota/.test(Buffer.from(answer.body).toString('utf8'))) {
    const operatorHint = `${provider} answered 429: the account of ${apiKeyEnv} is out of money.`
    return failed({ status, message: CREDENTIALS_REFUSED, shouldRetry: false, operatorHint })
  }
  if (status === 429 || status === 503 || status === 529) {
    return failed({
      status,
      code: 'overloaded',
      message: 'The provider is overloaded; try again',
      shouldRetry: true,
      retryAfterMs: answer.retryAfterMs ?? null
    })
  }
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return failed({ status, message: `The provider failed (${status})`, shouldRetry: true })
  }
  const operatorHint = `${provider} answered ${status}: check ${baseUrlEnv}.`
  return failed({
    status,
    message: `The provider gave an unusable answer (${status})`,
    shouldRetry: false,
    operatorHint
  })
}

function judgeRequestFault({ status, body }: UpstreamAnswer, context: OutcomeContext): RefusedEvent | FailedEvent {
  const { provider, apiKey, apiKeyEnv, baseUrlEnv } = context
  const text = Buffer.from(body).toString('utf8')
  const said = parseError(text)
  if (said === undefined) {
    const operatorHint = `${provider} answered ${status} without an error in JSON: check ${baseUrlEnv}.`
    return failed({
      status,
      message: `The provider gave an unusable answer (${status})`,
      shouldRetry: false,
      operatorHint
    })
  }
  if (ACCOUNT_TROUBLE.test(said)) {
    const operatorHint = `${provider} answered ${status}: ${scrub(said, apiKey)} (the account of ${apiKeyEnv})`
    return failed({ status, message: CREDENTIALS_REFUSED, shouldRetry: false, operatorHint })
  }
  const hasKey = apiKey !== null && apiKey !== '' && text.includes(apiKey)
  return { type: 'refused', status, body: hasKey ? Buffer.from(scrub(text, apiKey)) : body }
}

/** The message of an error body, or undefined where the text is none. */
function parseError(text: string): string | undefined {
  try {
    const message = parseErrorBody(JSON.parse(text))?.error.message
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

function scrub(text: string, apiKey: string | null): string {
  return apiKey === null || apiKey === '' ? text : text.replaceAll(apiKey, '[key]')
}

interface Failure {
  readonly message: string
  readonly shouldRetry: boolean
  readonly status?: number | null
  readonly code?: FailedEvent['code']
  readonly operatorHint?: string | null
  readonly retryAfterMs?: number | null
}

export function failed({
  message,
  shouldRetry,
  status = null,
  code = 'upstream_error',
  operatorHint = null,
  retryAfterMs = null
}: Failure): FailedEvent {
  return { type: 'failed', code, message, upstreamStatus: status, shouldRetry, retryAfterMs, operatorHint }
}

export function timedOut(phase: 'first byte' | 'next byte', limitMs: number): FailedEvent {
  return failed({
    code: 'upstream_timeout',
    message: `The provider sent nothing for ${Math.round(limitMs / 1000)} s (waiting for the ${phase})`,
    shouldRetry: true
  })
}
