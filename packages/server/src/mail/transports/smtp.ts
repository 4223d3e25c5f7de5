import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import type { NodemailerError } from 'nodemailer'
import { ConfigError } from '../../lib/config-error.js'
import type { SmtpConfig } from '../config.js'
import { MailFailure, type MailTransport } from '../mail.js'
import { compose } from './compose.js'

const CONNECT_MS_MAX = 15_000
const SILENCE_MS_MAX = 60_000

/** Mails by SMTP, with TLS unless the server is this machine's own: one connection a mail. */
export function createSmtpTransport({
  host,
  port,
  isImplicitTls,
  isLoopback,
  auth,
  caPath
}: SmtpConfig): MailTransport {
  const ca = caPath === null ? undefined : [...rootCertificates, readCa(caPath)]
  const options = {
    host,
    port,
    secure: isImplicitTls,
    requireTLS: !isLoopback,
    tls: { minVersion: 'TLSv1.2' as const, ...(ca && { ca }), rejectUnauthorized: !isLoopback || ca !== undefined },
    ...(auth && { auth }),
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX
  }
  return {
    async send(letter, signal) {
      const { createTransport } = await import('nodemailer')
      const transport = createTransport(options)
      const abort = () => transport.close()
      signal.addEventListener('abort', abort, { once: true })
      try {
        await transport.sendMail({ ...compose(letter), signal })
      } catch (error) {
        throw failureOf(error)
      } finally {
        signal.removeEventListener('abort', abort)
        transport.close()
      }
    }
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`CAICAINI_SMTP_CA: cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** A refused sign-in is the operator's to mend; a recipient or a message that is refused for good stays so. */
function failureOf(error: unknown): MailFailure {
  const { code = 'unknown', originalCode, responseCode, permanent = false } = error as Partial<NodemailerError>
  const isFinal = permanent && (code === 'EENVELOPE' || code === 'EMESSAGE')
  return new MailFailure([code, originalCode, responseCode].filter(Boolean).join(' '), { isFinal })
}
