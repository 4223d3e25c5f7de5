/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import { securityTxt } from '../../site/security-txt.js'
import { Field, Notice, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { CaptchaField, captchaScripts } from './captcha-field.js'

/** Texts tried from one address: who guesses keys has no luck, and no time either. */
const PACE = { free: 5, firstMs: 10_000, mostMs: 900_000, forgetMs: 3_600_000 }
const SUBJECT_CHARS_MAX = 2_000

/** Where anybody tells of a key that they found. */
export function leakPages({ leaks, captcha, throttle, visitor, site, clock }: PageDeps): Hono<PageEnv> {
  const widget = () => captcha.widget('reset')

  function page(c: Context<PageEnv>, problem?: AppError): Response {
    const body = (
      <>
        <h1>Report a key</h1>
        <p>
          You found a key of this server where it should not be, in a repository or a log? Paste it here. It is revoked
          at once, and its owner is told. Nothing is shown of whose it is.
        </p>
        <Problem message={problem?.message} />
        <form method="post" action="/security/leak">
          <Field
            name="key"
            label="The key"
            hint="It begins with cai_api_."
            autocomplete="off"
            isWrong={problem !== undefined}
          />
          <Field
            name="found_at"
            label="Where you found it"
            hint="An address, if there is one."
            autocomplete="off"
            required={false}
            maxlength={SUBJECT_CHARS_MAX}
          />
          <CaptchaField widget={widget()} action="reset" />
          <button type="submit">Revoke it</button>
        </form>
      </>
    )
    const shown = { title: 'Report a key', body, scripts: captchaScripts(widget()) }
    return show(c, shown, problem ? ERRORS[problem.code].status : 200)
  }

  async function report(c: Context<PageEnv>): Promise<void> {
    const field = await readForm(c)
    const { address } = visitor(c)
    const subject = `leak:${address ?? 'here'}`
    await throttle.require(subject)
    await captcha.require('reset', { token: field('altcha') || field('cf-turnstile-response'), address })
    await throttle.fail(subject, PACE)
    const foundAt = field('found_at').trim().slice(0, SUBJECT_CHARS_MAX) || null
    const outcome = await leaks.report(field('key').trim(), { by: 'form', foundAt })
    if (outcome === 'unknown')
      throw new AppError('not_found', 'key: this is no key of this server, or only a part of one', { param: 'key' })
  }

  return new Hono<PageEnv>()
    .get('/.well-known/security.txt', (c) =>
      c.text(securityTxt(site, clock.nowMs()), 200, { 'cache-control': 'public, max-age=86400' })
    )
    .get('/security/leak', (c) => page(c))
    .post('/security/leak', async (c) => {
      try {
        await report(c)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return page(c, error)
      }
      const body = (
        <>
          <h1>Thank you</h1>
          <Notice>The key is revoked, and its owner is told.</Notice>
        </>
      )
      return show(c, { title: 'Report a key', body })
    })
}
