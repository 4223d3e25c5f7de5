/** Puts Cloudflare's Turnstile where a form has room for it; it adds the field of its answer itself. */
export const TURNSTILE = /* js */ `
const boxes = document.querySelectorAll('.captcha[data-kind=turnstile]')
const say = (text) => { for (const box of boxes) box.querySelector('[role=status]').textContent = text }

globalThis.caicainiTurnstile = () => {
  say('')
  for (const box of boxes)
    turnstile.render(box, {
      sitekey: box.dataset.sitekey,
      action: box.dataset.action,
      'error-callback': () => say('Cloudflare could not check you. Reload the page to try again.')
    })
}

const script = document.createElement('script')
script.src = 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit&onload=caicainiTurnstile'
script.onerror = () => say('Cloudflare, which checks that you are no program, cannot be reached. Reload the page to try again.')
document.head.append(script)
`
