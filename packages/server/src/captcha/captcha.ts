/** What a challenge is for: an answer to one is no answer to another. */
export type CaptchaAction = 'register' | 'login' | 'reset'

/** What a page needs to show a challenge. */
export type CaptchaWidget =
  | { readonly kind: 'off' }
  | { readonly kind: 'altcha'; readonly challengeUrl: string }
  | { readonly kind: 'turnstile'; readonly siteKey: string }

/** Tells people from programs that try names and passwords. */
export interface Captcha {
  widget(action: CaptchaAction): CaptchaWidget
  /** Throws `AppError('invalid_request')` for what is no fresh answer, `overloaded` where it cannot be checked. */
  require(
    action: CaptchaAction,
    answer: { readonly token: string | undefined; readonly address: string | null }
  ): Promise<void>
}

/** For tests, and for a server that nobody else can reach. */
export const captchaOff: Captcha = {
  widget: () => ({ kind: 'off' }),
  require: async () => undefined
}
