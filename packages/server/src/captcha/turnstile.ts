import { AppError } from '@caicaini/protocol'
import type { Log } from '../lib/log.js'
import type { Captcha, CaptchaAction } from './captcha.js'

/** Cloudflare: validate the token, Siteverify API. */
const SITEVERIFY = 'https://challenges.cloudflare.com/turnstile/v0/siteverify'
export const TURNSTILE_ORIGIN = 'https://challenges.cloudflare.com'
const ANSWER_MS_MAX = 10_000
const TOKEN_CHARS_MAX = 2_048

export interface TurnstileDeps {
  readonly fetch: typeof fetch
  readonly log: Log
  readonly siteKey: string
  readonly secret: string
  readonly isTest: boolean
  /** Where browsers reach us: a token of another site is none for us. */
  readonly site: { readonly publicUrl: string }
}

interface Verdict {
  readonly success?: boolean
  readonly hostname?: string
  readonly action?: string
  readonly 'error-codes'?: readonly string[]
}

/** Cloudflare's Turnstile. What cannot be checked is refused. */
export function createTurnstile({ fetch, log, siteKey, secret, isTest, site }: TurnstileDeps): Captcha {
  async function ask(token: string, address: string | null): Promise<Verdict> {
    const response = await fetch(SITEVERIFY, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret, response: token, ...(address !== null && { remoteip: address }) }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX)
    })
    return (await response.json()) as Verdict
  }

  return {
    widget: () => ({ kind: 'turnstile', siteKey }),

    async require(action, { token, address }) {
      if (!token || token.length > TOKEN_CHARS_MAX) throw refused()
      const verdict = await ask(token, address).catch((error) => ({ 'error-codes': [nameOf(error)] }) as Verdict)
      const ours = isTest ? null : { action, hostname: new URL(site.publicUrl).hostname }
      const fault = faultOf(verdict, ours)
      if (fault === null) return
      if (fault === 'answer') throw refused()
      log.error({ fault, codes: verdict['error-codes'] ?? [] }, 'Turnstile could not be asked; nobody gets past it')
      throw new AppError('overloaded', 'The check that you are no program cannot be made right now. Try again soon.')
    }
  }
}

/** Null where all is well, `answer` where who answered is at fault. That a token is good once Cloudflare sees to. Pure. */
export function faultOf(
  verdict: Verdict,
  ours: { readonly action: CaptchaAction; readonly hostname: string } | null
): null | 'answer' | 'us' {
  if (verdict.success === true)
    return !ours || (verdict.hostname === ours.hostname && verdict.action === ours.action) ? null : 'answer'
  const codes = verdict['error-codes'] ?? []
  const isOfAnswer = codes.some((code) =>
    ['missing-input-response', 'invalid-input-response', 'timeout-or-duplicate'].includes(code)
  )
  return isOfAnswer ? 'answer' : 'us'
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

function refused(): AppError {
  return new AppError('invalid_request', 'captcha: is missing, too old or used before; answer it again', {
    param: 'captcha'
  })
}
