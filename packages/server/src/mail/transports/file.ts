import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../lib/log.js'
import { type Letter, MailFailure, type MailTransport } from '../mail.js'
import { compose } from './compose.js'

/**
 * Mails as files for whoever tries a server on their own machine, and their link in the log, although it is a
 * secret: there is nobody else to tell it to. `folder` null writes none.
 */
export function createFileTransport({ folder, log }: { folder: string | null; log: Log }): MailTransport {
  return {
    async send(letter) {
      const path = folder === null ? null : await write(folder, letter).catch(refuse)
      const { to, subject, link } = letter
      log.info({ to, subject, ...(link && { link }), ...(path && { path }) }, 'a mail (no CAICAINI_SMTP_URL is set)')
    }
  }
}

/** Named by its Message-ID: written twice it is still one. */
async function write(folder: string, letter: Letter): Promise<string> {
  const { createTransport } = await import('nodemailer')
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const { message } = await composer.sendMail(compose(letter))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${letter.messageId.replace(/[^\w.@-]/g, '')}.eml`)
  await writeFile(`${path}.part`, message, { mode: 0o600 })
  await rename(`${path}.part`, path)
  return path
}

function refuse(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  throw new MailFailure(code, { isFinal: false })
}
