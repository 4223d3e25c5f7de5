/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import { KINDS } from '../../data-requests/service.js'
import type { Operator } from '../../site/operator.js'
import { Facts, Field, Notice, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { noSuchPage } from '../no-such-page.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { CaptchaField, captchaScripts } from './captcha-field.js'
import { PrivacyText } from './privacy-text.js'
import { TermsText } from './terms-text.js'

const ASKS: Readonly<Record<(typeof KINDS)[number], string>> = {
  access: 'See what is stored about me',
  export: 'Take my data along',
  erase: 'Erase my data',
  child: 'It is about a child’s account'
}

/** Terms and privacy, each under its version too, and where people ask about their data. */
export function legalPages({ site, identity, dataRequests, captcha, throttle, visitor }: PageDeps): Hono<PageEnv> {
  const { operator, termsVersion, trailYears } = site
  const widget = () => captcha.widget('reset')

  function legal(c: Context<PageEnv>, title: string, text: Child): Response {
    const version = c.req.param('version')
    // What was accepted stays readable under its version; another one than today's is not of this release.
    if (version !== undefined && version !== termsVersion) throw noSuchPage(c.req.path)
    const body = (
      <article class="legal">
        <h1>{title}</h1>
        <p class="soft">Version {termsVersion}</p>
        {text}
        <h2>Who runs this server</h2>
        <OperatorFacts operator={operator} />
      </article>
    )
    return show(c, { title, body })
  }

  function AskPage({
    email = '',
    kind = 'access',
    message = '',
    problem
  }: {
    email?: string
    kind?: string
    message?: string
    problem?: AppError
  }) {
    return (
      <>
        <h1>Ask about your data</h1>
        <Problem message={problem?.message} />
        <p>
          You have an answer within 30 days. With an account you can <a href="/account">see, export and erase</a> most
          of it yourself, at once.
        </p>
        <form method="post" action="/privacy/request">
          <div class="field">
            <label for="kind">What do you ask for?</label>
            <select id="kind" name="kind">
              {KINDS.map((each) => (
                <option key={each} value={each} selected={each === kind}>
                  {ASKS[each]}
                </option>
              ))}
            </select>
          </div>
          <Field
            name="email"
            label="Where we answer"
            type="email"
            value={email}
            autocomplete="email"
            isWrong={problem?.details.param === 'email'}
          />
          <div class="field">
            <label for="message">What should we know?</label>
            <textarea id="message" name="message" rows={5} maxlength={4000}>
              {message}
            </textarea>
          </div>
          <CaptchaField widget={widget()} action="reset" />
          <button type="submit">Send</button>
        </form>
      </>
    )
  }

  return new Hono<PageEnv>()
    .get('/terms/:version?', (c) => legal(c, 'Terms', <TermsText operator={operator} />))
    .post('/terms/accept', signedIn, async (c) => {
      await identity.acceptTerms(sessionOf(c).account.id)
      return c.redirect('/account', 303)
    })
    .get('/privacy/request', (c) =>
      show(c, { title: 'Your data', body: <AskPage />, scripts: captchaScripts(widget()) })
    )
    .post('/privacy/request', async (c) => {
      const field = await readForm(c)
      const asked = { kind: field('kind'), email: field('email'), message: field('message') }
      const { address } = visitor(c)
      try {
        await throttle.require(`data-request:${address ?? 'here'}`)
        await captcha.require('reset', { token: field('altcha') || field('cf-turnstile-response'), address })
        const { dueAtMs } = await dataRequests.ask({ ...asked, accountId: c.var.session?.account.id ?? null })
        await throttle.fail(`data-request:${address ?? 'here'}`, {
          free: 5,
          firstMs: 60_000,
          mostMs: 86_400_000,
          forgetMs: 86_400_000
        })
        const body = (
          <>
            <h1>Thank you</h1>
            <Notice>You have an answer by {new Date(dueAtMs).toISOString().slice(0, 10)}.</Notice>
          </>
        )
        return show(c, { title: 'Your data', body })
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const body = <AskPage {...asked} problem={error} />
        return show(c, { title: 'Your data', body, scripts: captchaScripts(widget()) }, ERRORS[error.code].status)
      }
    })
    .get('/privacy/:version?', (c) => legal(c, 'Privacy', <PrivacyText operator={operator} trailYears={trailYears} />))
}

function OperatorFacts({ operator }: { readonly operator: Operator }) {
  const { name, address, jurisdiction, contacts } = operator
  const rows: (readonly [string, string])[] = [['Operator', name]]
  if (address !== null) rows.push(['Address', address])
  if (jurisdiction !== null) rows.push(['Law', jurisdiction])
  const kinds = {
    general: 'Contact',
    legal: 'Legal',
    privacy: 'Privacy',
    security: 'Security',
    appeal: 'Appeals',
    telegram: 'Telegram',
    wechat: 'WeChat'
  } as const
  for (const [kind, label] of Object.entries(kinds)) {
    const contact = contacts[kind as keyof typeof kinds]
    if (contact !== undefined) rows.push([label, contact])
  }
  return <Facts rows={rows} />
}
