import type { SiteConfig } from '../site/site.js'
import { type Altcha, type AltchaDeps, createAltcha } from './altcha.js'
import { type Captcha, captchaOff } from './captcha.js'
import type { CaptchaKeys } from './config.js'
import { deleteExpired } from './store.js'
import { createTurnstile, TURNSTILE_ORIGIN, type TurnstileDeps } from './turnstile.js'

export interface CaptchaDeps extends AltchaDeps, Pick<TurnstileDeps, 'fetch' | 'log' | 'site'> {
  readonly kind: SiteConfig['captcha']
  readonly keys: CaptchaKeys
}

export interface ChosenCaptcha {
  readonly captcha: Captcha
  /** Where it is our own: what makes challenges. */
  readonly altcha: Altcha | undefined
  /** What a page must let browsers load beside our own. */
  readonly captchaOrigins: readonly string[]
  readonly sweepCaptcha: () => Promise<void>
}

/** The captcha that the operator chose. */
export function chooseCaptcha(deps: CaptchaDeps): ChosenCaptcha {
  const { kind, keys, db, clock } = deps
  const sweepCaptcha = () => deleteExpired(db, clock.nowMs())
  const none = { altcha: undefined, captchaOrigins: [], sweepCaptcha }
  if (kind === 'altcha') {
    const altcha = createAltcha(deps)
    return { ...none, captcha: altcha, altcha }
  }
  if (kind === 'turnstile' && keys.turnstile)
    return { ...none, captcha: createTurnstile({ ...deps, ...keys.turnstile }), captchaOrigins: [TURNSTILE_ORIGIN] }
  return { ...none, captcha: captchaOff }
}
