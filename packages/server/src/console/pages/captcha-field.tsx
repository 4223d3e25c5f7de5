/** @jsxImportSource hono/jsx */
import type { CaptchaAction, CaptchaWidget } from '../../captcha/captcha.js'
import { assetUrl } from '../assets/assets.js'

/** Scripts that a challenge of this kind needs. */
export function captchaScripts(widget: CaptchaWidget): readonly string[] {
  return widget.kind === 'off' ? [] : [`${widget.kind}.js`]
}

/** The answer that a form brings, by whichever field it comes. */
export function captchaAnswer(field: (name: string) => string): string {
  return field('altcha') || field('cf-turnstile-response')
}

/** Where the challenge stands in a form. */
export function CaptchaField({ widget, action }: { readonly widget: CaptchaWidget; readonly action: CaptchaAction }) {
  if (widget.kind === 'off') return null
  return (
    <div class="captcha" data-kind={widget.kind} data-action={action} {...dataOf(widget)}>
      <p class="hint" role="status">
        {widget.kind === 'altcha' ? 'Your browser computes for a second, so that you need not answer a riddle.' : ''}
      </p>
      {widget.kind === 'altcha' ? (
        <>
          <progress max={1} value={0} aria-label="Computing" hidden />
          <input type="hidden" name="altcha" />
        </>
      ) : null}
      <noscript>
        <p class="problem">This form needs JavaScript: with it your browser shows that you are no program.</p>
      </noscript>
    </div>
  )
}

function dataOf(widget: Exclude<CaptchaWidget, { kind: 'off' }>): Record<string, string> {
  return widget.kind === 'altcha'
    ? { 'data-challenge': widget.challengeUrl, 'data-worker': assetUrl('altcha-worker.js') }
    : { 'data-sitekey': widget.siteKey }
}
