import { type ErrorCode, EXIT, type ExitCode } from '@caicaini/protocol'

interface Details {
  /** The server's error code, where it named one of ours. */
  readonly code?: ErrorCode | undefined
  /** Trying again may help. */
  readonly retryable?: boolean
  /** The least wait that the server asked for. */
  readonly retryAfterMs?: number | undefined
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/** What ends a command: a message for people and the exit code. Printed once, in main. */
export class CliError extends Error {
  readonly exit: ExitCode
  readonly code: ErrorCode | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly requestId: string | undefined

  constructor(exit: ExitCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CliError'
    this.exit = exit
    this.code = details.code
    this.retryable = details.retryable ?? false
    this.retryAfterMs = details.retryAfterMs
    this.requestId = details.requestId
  }
}

export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message)
}

/** The user, or who runs us, asked us to stop. */
export function interrupted(): CliError {
  return new CliError(EXIT.interrupted, 'interrupted')
}

/** A command that was started for the user ended: so do we, as it did. */
export class ChildEnded extends Error {
  readonly exit: number

  constructor(exit: number) {
    super(`ended with ${exit}`)
    this.name = 'ChildEnded'
    this.exit = exit
  }
}

/** Nobody reads our output any more: end in silence. */
export class OutputClosed extends Error {
  constructor() {
    super('stdout was closed')
    this.name = 'OutputClosed'
  }
}
