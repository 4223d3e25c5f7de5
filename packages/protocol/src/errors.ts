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
  /** When it is met, for docs/errors.md. */
  readonly when: string
}

const auth = { status: 401, type: 'authentication_error', openaiCode: 'invalid_api_key', exit: EXIT.auth } as const

/**
 * The one table of what can go wrong: code → status, wire type, exit code. The code travels in every
 * error body, so that equal types can be told apart. docs/errors.md is made of it, by `errors-page.test.ts`.
 */
export const ERRORS = {
  invalid_request: {
    status: 400,
    type: 'invalid_request_error',
    exit: EXIT.usage,
    when: 'a field is missing or wrong, or has no price here'
  },
  missing_key: { ...auth, when: 'no key was sent' },
  malformed_key: { ...auth, when: 'it does not begin with `cai_api_`, or `Authorization` is not `Bearer …`' },
  mistyped_key: { ...auth, when: 'its checksum does not match' },
  unknown_key: { ...auth, when: 'a well-formed key that this server never made' },
  disabled_key: { ...auth, when: 'disabled; it can be enabled again' },
  revoked_key: { ...auth, when: 'revoked, for good' },
  expired_key: { ...auth, when: 'past its end, as a session key is in the end' },
  sign_in_failed: { ...auth, when: 'an unknown name or a wrong password: which of the two is not told' },
  wrong_code: {
    ...auth,
    when: 'a code, a recovery code or a passkey that is wrong, or was used before'
  },
  signed_out: { ...auth, when: 'the browser session is over: sign in again' },
  bad_signature: {
    status: 401,
    type: 'authentication_error',
    exit: EXIT.auth,
    when: 'a webhook that does not bear the signature of who it says it is from'
  },
  insufficient_quota: {
    status: 402,
    type: 'insufficient_quota',
    openaiCode: 'insufficient_quota',
    exit: EXIT.credits,
    when: 'the balance does not afford an answer; the message says how many tokens it affords'
  },
  key_quota: {
    status: 402,
    type: 'insufficient_quota',
    openaiCode: 'insufficient_quota',
    exit: EXIT.credits,
    when: "the key's own quota does not"
  },
  plan: {
    status: 403,
    type: 'permission_error',
    exit: EXIT.plan,
    when: 'the plan lacks the model, the way in, or room for one more key; the message names a plan that has it'
  },
  scope: { status: 403, type: 'permission_error', exit: EXIT.auth, when: "the key's scope may not do this" },
  step_up: {
    status: 403,
    type: 'permission_error',
    exit: EXIT.auth,
    when: 'it needs the password, or the second factor, once more: they were last proven over ten minutes ago'
  },
  suspended: { status: 403, type: 'permission_error', exit: EXIT.auth, when: 'the account is suspended or closed' },
  not_found: {
    status: 404,
    type: 'not_found_error',
    exit: EXIT.usage,
    when: 'no such route, key, account, receipt or chat'
  },
  model_not_found: {
    status: 404,
    type: 'not_found_error',
    openaiCode: 'model_not_found',
    exit: EXIT.usage,
    when: 'no such model; the message names near ones'
  },
  model_retired: {
    status: 404,
    type: 'not_found_error',
    openaiCode: 'model_not_found',
    exit: EXIT.usage,
    when: 'retired; the message names its successor'
  },
  method_not_allowed: {
    status: 405,
    type: 'invalid_request_error',
    exit: EXIT.usage,
    when: 'a wrong method is 404 so far'
  },
  idempotency_in_progress: {
    status: 409,
    type: 'invalid_request_error',
    exit: EXIT.other,
    when: 'the call that this one repeats is under way; see `retry-after`'
  },
  idempotency_repeat: {
    status: 409,
    type: 'invalid_request_error',
    exit: EXIT.other,
    when: 'the call that this one repeats was billed: its `receipt` is in `error`'
  },
  conflict: {
    status: 409,
    type: 'invalid_request_error',
    exit: EXIT.other,
    when: 'the name or the id is taken, the key to change is revoked, or there is no room for another chat'
  },
  request_too_large: {
    status: 413,
    type: 'request_too_large',
    exit: EXIT.usage,
    when: 'the body is over 32 MB, or 1 MB under `/api` and `/admin/api`'
  },
  unsupported_media_type: {
    status: 415,
    type: 'invalid_request_error',
    exit: EXIT.usage,
    when: 'a body under `/api` or `/admin/api` that is not `application/json`'
  },
  rate_limit: {
    status: 429,
    type: 'rate_limit_error',
    openaiCode: 'rate_limit_exceeded',
    exit: EXIT.rateLimit,
    when: 'over a limit of the key, its account or its address, which the message names; see `retry-after`'
  },
  exceeds_tier: {
    status: 429,
    type: 'rate_limit_error',
    openaiCode: 'rate_limit_exceeded',
    exit: EXIT.rateLimit,
    when: "this request alone is larger than the tier's input tokens a minute, or the account's ceiling: waiting cannot help"
  },
  internal: {
    status: 500,
    type: 'api_error',
    exit: EXIT.network,
    when: 'a fault of ours, logged under the request id'
  },
  upstream_error: {
    status: 502,
    type: 'api_error',
    exit: EXIT.network,
    when: "the provider failed, or refused the operator's key"
  },
  upstream_timeout: { status: 504, type: 'api_error', exit: EXIT.network, when: 'the provider fell silent' },
  stopping: { status: 503, type: 'api_error', exit: EXIT.network, when: 'the server is stopping' },
  overloaded: {
    status: 529,
    type: 'overloaded_error',
    exit: EXIT.network,
    when: 'the provider answered 429, 503 or 529, the model has no provider here, or the captcha cannot be checked'
  }
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
