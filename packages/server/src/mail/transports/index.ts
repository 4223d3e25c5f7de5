import type { Log } from '../../lib/log.js'
import type { MailConfig } from '../config.js'
import type { MailTransport } from '../mail.js'
import { createFileTransport } from './file.js'
import { createSmtpTransport } from './smtp.js'

/** The way that the configuration asks for. */
export function createMailTransport({ smtp, folder }: MailConfig, { log }: { log: Log }): MailTransport {
  return smtp ? createSmtpTransport(smtp) : createFileTransport({ folder, log })
}
