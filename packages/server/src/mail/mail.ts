/** A mail as it goes out. */
export interface Letter {
  /** With its angle brackets; the same at every try, so that a mail that came twice is known for one. */
  readonly messageId: string
  readonly from: string
  readonly to: string
  readonly dateMs: number
  readonly subject: string
  readonly text: string
  readonly html: string
  /** What the reader is asked to open, if anything. */
  readonly link: string | null
}

/** A way for mails to leave. */
export interface MailTransport {
  /** Resolves when somebody else answers for the mail; throws `MailFailure` otherwise. */
  send(letter: Letter, signal: AbortSignal): Promise<void>
}

/** `code` names what happened, without addresses: it is logged. */
export class MailFailure extends Error {
  readonly code: string
  /** Trying again cannot help. */
  readonly isFinal: boolean

  constructor(code: string, { isFinal }: { isFinal: boolean }) {
    super(code)
    this.name = 'MailFailure'
    this.code = code
    this.isFinal = isFinal
  }
}
