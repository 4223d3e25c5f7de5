/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { Hono } from 'hono'
import { Check, Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { localPath, readForm } from '../form.js'
import { show } from '../show.js'
import { CaptchaField, captchaAnswer, captchaScripts } from './captcha-field.js'

interface Given {
  readonly username?: string
  readonly email?: string
  readonly next: string
  readonly problem?: AppError
}

export function registerPages({ identity, cookies, site, captcha, visitor }: PageDeps): Hono<PageEnv> {
  const widget = () => captcha.widget('register')
  const scripts = () => ['password-hint.js', ...captchaScripts(widget())]

  function Page({ username = '', email = '', next, problem }: Given) {
    const isWrong = (field: string) => problem?.details.param === field
    return (
      <>
        <h1>Register</h1>
        <Problem message={problem?.message} />
        {site.registration === 'closed' ? <p>This server takes no new accounts. Ask whoever runs it for one.</p> : null}
        <form method="post" action="/register">
          <input type="hidden" name="next" value={next} />
          <Field
            name="username"
            label="Username"
            hint="3 to 32 of a–z, 0–9, “.”, “_”, “-”"
            value={username}
            autocomplete="username"
            maxlength={32}
            isWrong={isWrong('username')}
          />
          <Field
            name="email"
            label={site.email === 'required' ? 'E-mail' : 'E-mail (may be left out)'}
            type="email"
            value={email}
            autocomplete="email"
            required={site.email === 'required'}
            hint="Where we write to you, and where a forgotten password is mended"
            isWrong={isWrong('email')}
          />
          <Field
            name="password"
            label="Password"
            type="password"
            hint="8 to 128 characters, any. Three or four words of your own are better than one with signs"
            autocomplete="new-password"
            minlength={8}
            isWrong={isWrong('password')}
          />
          <Check name="age" value="13">
            I am at least 13 years old
          </Check>
          <Check name="age18" value="18" required={false}>
            I am of age (18 or older). Paid plans need it
          </Check>
          <Check name="terms" value={site.termsVersion}>
            I accept the <a href="/terms">terms</a> of {site.termsVersion} and have read the{' '}
            <a href="/privacy">privacy</a> page
          </Check>
          <CaptchaField widget={widget()} action="register" />
          <button type="submit">Register</button>
        </form>
        <p>
          You have an account? <a href={`/login?next=${encodeURIComponent(next)}`}>Sign in</a>
        </p>
      </>
    )
  }

  return new Hono<PageEnv>()
    .get('/register', (c) => {
      const next = localPath(c.req.query('next'), '/account')
      if (c.var.session) return c.redirect(next)
      return show(c, { title: 'Register', body: <Page next={next} />, scripts: scripts() })
    })
    .post('/register', async (c) => {
      const field = await readForm(c)
      const next = localPath(field('next'), '/account')
      const [username, email] = [field('username'), field('email')]
      try {
        const ask = {
          username,
          email,
          password: field('password'),
          age: field('age18') === '18' ? (18 as const) : field('age') === '13' ? (13 as const) : null,
          termsVersion: field('terms') || null,
          captcha: captchaAnswer(field)
        }
        const { tokens } = await identity.register(ask, visitor(c))
        await cookies.begin(c, tokens)
        return c.redirect(next, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const body = <Page {...{ username, email, next, problem: error }} />
        return show(c, { title: 'Register', body, scripts: scripts() }, ERRORS[error.code].status)
      }
    })
}
