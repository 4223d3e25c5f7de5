/** @jsxImportSource hono/jsx */
import type { CaptchaAction, CaptchaWidget } from '../../captcha/captcha.js'

/** Scripts that a challenge of this kind needs. */
export function captchaScripts(widget: CaptchaWidget): readonly string[] {
  return widget.kind === 'off' ? [] : [`${widget.kind}.js`]
}

/** Where the challenge stands in a form. */
export function CaptchaField({ widget, action }: { readonly widget: CaptchaWidget; readonly action: CaptchaAction }) {
  if (widget.kind === 'off') return null
  return <div class="captcha" data-kind={widget.kind} data-action={action} />
}
