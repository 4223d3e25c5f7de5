import { parseErrorBody } from '@caicaini/protocol'
import { isObject } from '../request/value.js'
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
  const error = parseError(body)
  if (error === undefined) {
    const operatorHint = `${provider} answered ${status} without an error in JSON: check ${baseUrlEnv}.`
    return failed({
      status,
      message: `The provider gave an unusable answer (${status})`,
      shouldRetry: false,
      operatorHint
    })
  }
  if (ACCOUNT_TROUBLE.test(error.message)) {
    const operatorHint = `${provider} answered ${status}: ${scrub(error.message, apiKey)} (the account of ${apiKeyEnv})`
    return failed({ status, message: CREDENTIALS_REFUSED, shouldRetry: false, operatorHint })
  }
  return { type: 'refused', status, body: Buffer.from(scrub(JSON.stringify({ type: 'error', error }), apiKey)) }
}

/**
 * What an error body says of the request, in the fields that both formats have for it. The rest may speak
 * of the operator's account: ids of requests, organizations or the provider behind a provider. Undefined
 * where it is no error.
 */
function parseError(body: Uint8Array): { readonly message: string } | undefined {
  try {
    const error: unknown = parseErrorBody(JSON.parse(Buffer.from(body).toString('utf8')))?.error
    if (!isObject(error) || typeof error.message !== 'string') return undefined
    const told = ['type', 'message', 'param', 'code'].filter((name) => isScalar(error[name]))
    return { ...Object.fromEntries(told.map((name) => [name, error[name]])), message: error.message }
  } catch {
    return undefined
  }
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number'
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
