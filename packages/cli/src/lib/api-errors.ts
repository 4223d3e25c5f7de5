import { ERRORS, type ErrorCode, EXIT, type ExitCode, isErrorCode, parseErrorBody } from '@caicaini/protocol'
import { CliError } from './cli-error.js'

interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly nowMs: number
  /** Who refused, for a body that does not say why. */
  readonly server: string
}

/** The error that a refused request ends in: exit code by our code, else by the HTTP status. */
export function errorFromRefusal({ status, headers, body, nowMs, server }: Refusal): CliError {
  const parsed = parseErrorBody(parseJson(body))
  const code = isErrorCode(parsed?.error.code) ? parsed.error.code : undefined
  const told = parsed?.error.message || `${server} answered ${status}${status < 500 ? '' : ', an error of its own'}`
  const message = code === 'internal' && server === '--local' ? `${told} (CAICAINI_DEBUG=1 shows it)` : told
  return new CliError(code ? ERRORS[code].exit : exitOfStatus(status), message, {
    code,
    retryable: (status === 429 || status >= 500) && headers['x-should-retry'] !== 'false',
    retryAfterMs: parseRetryAfter(headers['retry-after'], nowMs),
    requestId: parsed?.request_id ?? headers['request-id']
  })
}

/** The error that an `error` event in a stream tells of. */
export function errorFromEvent(data: unknown): CliError {
  const parsed = parseErrorBody(data)
  const code: ErrorCode | undefined = isErrorCode(parsed?.error.code) ? parsed.error.code : undefined
  const exit = code ? ERRORS[code].exit : exitOfType(parsed?.error.type)
  return new CliError(exit, parsed?.error.message || 'the server reported an error in the middle of the answer', {
    code,
    requestId: parsed?.request_id
  })
}

function exitOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.auth
  if (status === 402) return EXIT.credits
  if (status === 429) return EXIT.rateLimit
  if (status >= 500) return EXIT.network
  if (status === 400 || status === 404 || status === 405 || status === 413 || status === 415) return EXIT.usage
  return EXIT.other
}

function exitOfType(type: string | undefined): ExitCode {
  return Object.values(ERRORS).find((kind) => kind.type === type)?.exit ?? EXIT.network
}

/** `retry-after` in milliseconds: seconds or an HTTP date. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (text.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
