/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { Hono } from 'hono'
import { Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { localPath, readForm } from '../form.js'
import { PASSKEY_SCRIPTS } from '../passkey-form.js'
import { show } from '../show.js'
import { CaptchaField, captchaAnswer, captchaScripts } from './captcha-field.js'
import { PasskeyLogin } from './second.js'

interface Given {
  readonly name?: string
  readonly next: string
  readonly problem?: AppError
}

export function loginPages({ identity, secondFactor, cookies, captcha, visitor }: PageDeps): Hono<PageEnv> {
  const widget = () => captcha.widget('login')
  const { isPossible } = secondFactor.passkeys
  const scripts = () => [...captchaScripts(widget()), ...(isPossible() ? PASSKEY_SCRIPTS : [])]

  function Page({ name = '', next, problem }: Given) {
    return (
      <>
        <h1>Sign in</h1>
        <Problem message={problem?.message} />
        <form method="post" action="/login">
          <input type="hidden" name="next" value={next} />
          <Field
            name="name"
            label="Username or e-mail"
            value={name}
            autocomplete="username"
            isWrong={problem !== undefined}
          />
          <Field
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            isWrong={problem !== undefined}
          />
          <CaptchaField widget={widget()} action="login" />
          <button type="submit">Sign in</button>
        </form>
        {isPossible() ? <PasskeyLogin next={next} /> : null}
        <p>
          <a href="/reset">Forgotten password</a> · <a href={`/register?next=${encodeURIComponent(next)}`}>Register</a>
        </p>
      </>
    )
  }

  return new Hono<PageEnv>()
    .get('/login', (c) => {
      const next = localPath(c.req.query('next'), '/account')
      if (c.var.session) return c.redirect(next)
      return show(c, { title: 'Sign in', body: <Page next={next} />, scripts: scripts() })
    })
    .post('/login', async (c) => {
      const field = await readForm(c)
      const next = localPath(field('next'), '/account')
      const name = field('name')
      try {
        const done = await identity.signIn(
          { name, password: field('password'), captcha: captchaAnswer(field) },
          visitor(c)
        )
        if (done.type === 'second factor') {
          cookies.putTicket(c, done.ticket)
          return c.redirect(`/login/second?next=${encodeURIComponent(next)}`, 303)
        }
        await cookies.begin(c, done.tokens)
        return c.redirect(next, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const body = <Page {...{ name, next, problem: error }} />
        return show(c, { title: 'Sign in', body, scripts: scripts() }, ERRORS[error.code].status)
      }
    })
    .post('/logout', async (c) => {
      const { session } = c.var
      if (session) await identity.endSession(session.account.id, session.id)
      cookies.clear(c)
      return c.redirect('/login', 303)
    })
}
