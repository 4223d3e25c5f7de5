import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../lib/config-error.js'

/** How mails leave. */
export interface MailConfig {
  /** Null: they are written to `folder`. */
  readonly smtp: SmtpConfig | null
  readonly from: string
  /** Null for data in memory: nothing is kept of them then. */
  readonly folder: string | null
}

export interface SmtpConfig {
  readonly host: string
  readonly port: number
  /** TLS from the first byte, rather than by STARTTLS. */
  readonly isImplicitTls: boolean
  /** Such a server may go without TLS, or with a certificate that nobody vouches for. */
  readonly isLoopback: boolean
  readonly auth: { readonly user: string; readonly pass: string } | null
  /** PEM file of who vouches for its certificate, beside those that everybody trusts. */
  readonly caPath: string | null
}

const DEFAULT_FROM = 'Caicaini Code <noreply@localhost>'

const Env = z.object({
  CAICAINI_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be such as smtp://user:password@mail.example.org:587' })
    .optional(),
  CAICAINI_SMTP_CA: z.string().optional(),
  CAICAINI_MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>\r\n"]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/,
      'must be such as Example <noreply@example.org>'
    )
    .optional()
})

/** Reads it of the environment; throws `ConfigError`. */
export function readMailConfig(
  env: Readonly<Record<string, string | undefined>>,
  { folder }: Pick<MailConfig, 'folder'>
): MailConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Env.safeParse(given)
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  const { CAICAINI_SMTP_URL: url, CAICAINI_MAIL_FROM: from, CAICAINI_SMTP_CA: caPath } = parsed.data
  if (url === undefined) return { smtp: null, from: from ?? DEFAULT_FROM, folder }
  if (from === undefined)
    throw new ConfigError('CAICAINI_MAIL_FROM: is missing; with CAICAINI_SMTP_URL mails need an address to come from')
  return { smtp: { ...readUrl(new URL(url)), caPath: caPath ?? null }, from, folder }
}

function readUrl({ protocol, hostname, port, username, password }: URL): Omit<SmtpConfig, 'caPath'> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const isImplicitTls = protocol === 'smtps:'
  return {
    host,
    port: port === '' ? (isImplicitTls ? 465 : 587) : Number(port),
    isImplicitTls,
    isLoopback: host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host),
    auth: username === '' ? null : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  }
}

export function mailFolder(dataDir: string): string | null {
  return dataDir === ':memory:' ? null : join(dataDir, 'mail')
}
