import { z } from 'zod'
import { ConfigError } from '../lib/config-error.js'
import { type Operator, OperatorEnv, operatorOf } from './operator.js'

/** How a server shows itself to people. */
export interface SiteConfig {
  /** Where browsers reach it, without a slash at the end: links in mails and the address of a sign-in begin with it. */
  readonly publicUrl: string | undefined
  readonly registration: 'open' | 'closed'
  readonly email: 'required' | 'optional'
  readonly captcha: 'altcha' | 'turnstile' | 'off'
  /** The version of the terms in force. */
  readonly termsVersion: string
  readonly operator: Operator
  /** Years that what was paid and used is kept after an account was closed. */
  readonly trailYears: number
  /** Whom to tell of a fault, an address of mail or of a page; without one, of a page here. */
  readonly securityContact: string | undefined
  /** The page that says how reports of faults are dealt with. */
  readonly securityPolicy: string | undefined
  /** Whom a suspended account asks. */
  readonly appealContact: string | undefined
  /** The score of a likely second account from which on its free credits wait for an operator; null: never. */
  readonly withholdFrom: number | null
  /** Where GitHub publishes the keys that it signs reports of leaked keys with. */
  readonly gitHubKeysUrl: string
}

/** The version of the shipped terms and privacy pages. */
export const TERMS_VERSION = '2026-11-21'

const Env = OperatorEnv.extend({
  CAICAINI_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address, such as https://llm.example.org' })
    .regex(/[^/]$/, 'must not end in a slash')
    .optional(),
  CAICAINI_REGISTRATION: z.enum(['open', 'closed'], { error: 'must be open or closed' }).default('open'),
  CAICAINI_EMAIL: z.enum(['required', 'optional'], { error: 'must be required or optional' }).default('required'),
  CAICAINI_TRAIL_YEARS: z.coerce
    .number({ error: 'must be a number of years' })
    .int('must be whole years')
    .min(1, 'must be at least 1')
    .max(100, 'must be at most 100')
    .default(7),
  CAICAINI_CAPTCHA: z
    .enum(['altcha', 'turnstile', 'off'], { error: 'must be altcha, turnstile or off' })
    .default('altcha'),
  CAICAINI_SECURITY_POLICY: z.url({ protocol: /^https$/, error: 'must be an https address' }).optional(),
  CAICAINI_WITHHOLD_SCORE: z
    .string()
    .regex(/^([1-9]\d{0,3}|off)$/, 'must be a whole number above 0, or off')
    .default('70'),
  CAICAINI_GITHUB_KEYS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .default('https://api.github.com/meta/public_keys/secret_scanning')
})

/** Reads it of the environment; throws `ConfigError`. */
export function readSiteConfig(env: Readonly<Record<string, string | undefined>>): SiteConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Env.safeParse(given)
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  const { data } = parsed
  return {
    publicUrl: data.CAICAINI_PUBLIC_URL,
    registration: data.CAICAINI_REGISTRATION,
    email: data.CAICAINI_EMAIL,
    captcha: data.CAICAINI_CAPTCHA,
    termsVersion: TERMS_VERSION,
    operator: operatorOf(data),
    trailYears: data.CAICAINI_TRAIL_YEARS,
    securityContact: data.CAICAINI_SECURITY_CONTACT,
    securityPolicy: data.CAICAINI_SECURITY_POLICY,
    appealContact: data.CAICAINI_APPEAL_CONTACT ?? data.CAICAINI_SECURITY_CONTACT,
    withholdFrom: data.CAICAINI_WITHHOLD_SCORE === 'off' ? null : Number(data.CAICAINI_WITHHOLD_SCORE),
    gitHubKeysUrl: data.CAICAINI_GITHUB_KEYS_URL
  }
}

export interface Site extends Omit<SiteConfig, 'publicUrl'> {
  readonly publicUrl: string
  /** Whether browsers reach it by TLS: cookies are `Secure` then. */
  readonly isSecure: boolean
  /** Without a public address it is where the server listens first. */
  listens(url: string): void
}

export function createSite({ publicUrl, ...config }: SiteConfig): Site {
  let known = publicUrl
  return {
    ...config,
    get publicUrl() {
      return known ?? 'http://127.0.0.1:8787'
    },
    get isSecure() {
      return this.publicUrl.startsWith('https:')
    },
    listens(url) {
      known ??= url
    }
  }
}
