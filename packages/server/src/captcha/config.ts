import { z } from 'zod'
import { ConfigError } from '../lib/config-error.js'

/** What Cloudflare's Turnstile knows this server by; null where it is not asked. */
export interface CaptchaKeys {
  readonly turnstile: {
    readonly siteKey: string
    readonly secret: string
    /** Of Cloudflare's for tests: its answers name no site and no action of ours. */
    readonly isTest: boolean
  } | null
}

/** Cloudflare's own for tests: they pass or refuse everybody (docs, "Testing"). */
const TEST_SECRET = /^[123]x0{30,}AA$/
const Env = z.object({
  CAICAINI_TURNSTILE_SITE_KEY: z.string().max(100).optional(),
  CAICAINI_TURNSTILE_SECRET: z.string().max(100).optional()
})

/** Reads it of the environment; throws `ConfigError`. */
export function readCaptchaKeys(env: Readonly<Record<string, string | undefined>>): CaptchaKeys {
  const { CAICAINI_TURNSTILE_SITE_KEY: siteKey, CAICAINI_TURNSTILE_SECRET: secret } = Env.parse({
    CAICAINI_TURNSTILE_SITE_KEY: env.CAICAINI_TURNSTILE_SITE_KEY || undefined,
    CAICAINI_TURNSTILE_SECRET: env.CAICAINI_TURNSTILE_SECRET || undefined
  })
  if (env.CAICAINI_CAPTCHA !== 'turnstile') return { turnstile: null }
  if (siteKey === undefined || secret === undefined)
    throw new ConfigError(
      'CAICAINI_TURNSTILE_SITE_KEY, CAICAINI_TURNSTILE_SECRET: CAICAINI_CAPTCHA=turnstile needs both'
    )
  const isTest = TEST_SECRET.test(secret)
  if (isTest && !isLocal(env.CAICAINI_PUBLIC_URL || undefined))
    throw new ConfigError(
      'CAICAINI_TURNSTILE_SECRET: is one for tests, which lets everybody in; take that of your site'
    )
  return { turnstile: { siteKey, secret, isTest } }
}

/** A server that has no public address is somebody's try on their own machine. */
function isLocal(publicUrl: string | undefined): boolean {
  return publicUrl === undefined || /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$|\/)/.test(publicUrl)
}
