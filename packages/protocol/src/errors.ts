/** Process exit codes of the `caicaini` command. */
export const EXIT = {
  ok: 0,
  other: 1,
  usage: 2,
  auth: 4,
  credits: 5,
  rateLimit: 6,
  network: 7,
  cutShort: 8,
  plan: 9,
  interrupted: 130
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

interface ErrorKind {
  /** HTTP status. */
  readonly status: number
  /** `error.type` on Anthropic's wire; OpenAI's differs only where `openaiType` says so. */
  readonly type: string
  /** `error.code` on OpenAI's wire where it has a name of its own. */
  readonly openaiCode?: string
  /** Exit code of the CLI that meets it. */
  readonly exit: ExitCode
}

const auth = { status: 401, type: 'authentication_error', openaiCode: 'invalid_api_key', exit: EXIT.auth } as const

/**
 * The one table of what can go wrong: code → status, wire type, exit code. The code travels in every
 * error body, so that equal types can be told apart.
 */
export const ERRORS = {
  invalid_request: { status: 400, type: 'invalid_request_error', exit: EXIT.usage },
  missing_key: auth,
  malformed_key: auth,
  mistyped_key: auth,
  unknown_key: auth,
  disabled_key: auth,
  revoked_key: auth,
  expired_key: auth,
  insufficient_quota: { status: 402, type: 'insufficient_quota', openaiCode: 'insufficient_quota', exit: EXIT.credits },
  key_quota: { status: 402, type: 'insufficient_quota', openaiCode: 'insufficient_quota', exit: EXIT.credits },
  plan: { status: 403, type: 'permission_error', exit: EXIT.plan },
  scope: { status: 403, type: 'permission_error', exit: EXIT.auth },
  suspended: { status: 403, type: 'permission_error', exit: EXIT.auth },
  not_found: { status: 404, type: 'not_found_error', exit: EXIT.usage },
  model_not_found: { status: 404, type: 'not_found_error', openaiCode: 'model_not_found', exit: EXIT.usage },
  model_retired: { status: 404, type: 'not_found_error', openaiCode: 'model_not_found', exit: EXIT.usage },
  method_not_allowed: { status: 405, type: 'invalid_request_error', exit: EXIT.usage },
  idempotency_in_progress: { status: 409, type: 'invalid_request_error', exit: EXIT.other },
  idempotency_repeat: { status: 409, type: 'invalid_request_error', exit: EXIT.other },
  conflict: { status: 409, type: 'invalid_request_error', exit: EXIT.other },
  request_too_large: { status: 413, type: 'request_too_large', exit: EXIT.usage },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', exit: EXIT.usage },
  rate_limit: { status: 429, type: 'rate_limit_error', openaiCode: 'rate_limit_exceeded', exit: EXIT.rateLimit },
  exceeds_tier: { status: 429, type: 'rate_limit_error', openaiCode: 'rate_limit_exceeded', exit: EXIT.rateLimit },
  internal: { status: 500, type: 'api_error', exit: EXIT.network },
  upstream_error: { status: 502, type: 'api_error', exit: EXIT.network },
  upstream_timeout: { status: 504, type: 'api_error', exit: EXIT.network },
  stopping: { status: 503, type: 'api_error', exit: EXIT.network },
  overloaded: { status: 529, type: 'overloaded_error', exit: EXIT.network }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value)
}

export interface AppErrorDetails {
  /** Seconds, whole: becomes `retry-after`. */
  readonly retryAfterS?: number
  /** False where trying again cannot help: becomes `x-should-retry: false`. */
  readonly shouldRetry?: boolean
  /** Names the bad field on OpenAI's wire. */
  readonly param?: string
  /** More members of the body's `error`, such as the receipt of the call that this one repeats. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** A refusal that the caller is told about; anything else thrown is a bug and is answered 500. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: AppErrorDetails

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

/** Body of an error on Anthropic's wire, and of our own /api. */
export interface ErrorBody {
  readonly type: 'error'
  readonly error: { readonly type: string; readonly message: string; readonly code?: string }
  readonly request_id?: string
}

/** What an error body says, or undefined when it is not one of ours or Anthropic's. */
export function parseErrorBody(value: unknown): ErrorBody | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined
  const { error } = value
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined
  return value as ErrorBody
}

export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${String(value)}`)
}
