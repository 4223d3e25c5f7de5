/** @jsxImportSource hono/jsx */
import type { AppError } from '@caicaini/protocol'
import { Hono } from 'hono'
import { Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { CaptchaField, captchaAnswer, captchaScripts } from './captcha-field.js'
import { orAgain, overPage, tell } from './told.js'

const ANOTHER = ['/reset', 'Ask for another one'] as const

/** A forgotten password. Opening the mailed link changes nothing: mail programs open links too. */
export function resetPages({ identity, captcha, cookies, visitor }: PageDeps): Hono<PageEnv> {
  const widget = () => captcha.widget('reset')

  function askPage({ name = '', problem }: { name?: string; problem?: AppError }) {
    const body = (
      <>
        <h1>Forgotten password</h1>
        <Problem message={problem?.message} />
        <p>We mail a link to the address of the account. With it you choose a new password.</p>
        <form method="post" action="/reset">
          <Field name="name" label="Username or e-mail" value={name} autocomplete="username" />
          <CaptchaField widget={widget()} action="reset" />
          <button type="submit">Mail me a link</button>
        </form>
        <p>
          <a href="/login">Sign in</a>
        </p>
      </>
    )
    return { title: 'Forgotten password', body, scripts: captchaScripts(widget()) }
  }

  function choosePage({ token, username, problem }: { token: string; username: string; problem?: AppError }) {
    const body = (
      <>
        <h1>Choose a new password</h1>
        <Problem message={problem?.message} />
        <form method="post" action={`/reset/${token}`}>
          <p>
            For the account <strong>{username}</strong>. Every browser that is signed in will be signed out.
          </p>
          <input type="hidden" name="username" value={username} autocomplete="username" />
          <Field
            name="password"
            label="New password"
            type="password"
            hint="8 to 128 characters, any. Three or four words of your own are better than one with signs"
            autocomplete="new-password"
            minlength={8}
            isWrong={problem !== undefined}
          />
          <button type="submit">Set the password</button>
        </form>
      </>
    )
    return { title: 'Choose a new password', body, scripts: ['password-hint.js'] }
  }

  return new Hono<PageEnv>()
    .get('/reset', (c) => show(c, askPage({})))
    .post('/reset', async (c) => {
      const field = await readForm(c)
      const name = field('name')
      const work = async () => {
        await identity.askReset({ name, captcha: captchaAnswer(field) }, visitor(c))
        return c.redirect('/reset/sent', 303)
      }
      return orAgain(c, work, (problem) => askPage({ name, problem }))
    })
    .get('/reset/sent', (c) =>
      tell(c, {
        title: 'Look into your mail',
        text: 'If there is such an account with an address, a link is on its way. It is good for 30 minutes.',
        next: ['/login', 'Sign in']
      })
    )
    .get('/reset/done', (c) =>
      tell(c, {
        title: 'Your password is set',
        text: 'Every browser was signed out. Sign in with the new password.',
        next: ['/login', 'Sign in']
      })
    )
    .get('/reset/:token', async (c) => {
      const token = c.req.param('token')
      const work = async () => show(c, choosePage({ token, ...(await identity.lookAtReset(token)) }))
      return orAgain(c, work, (problem) => overPage(problem, ANOTHER))
    })
    .post('/reset/:token', async (c) => {
      const token = c.req.param('token')
      const field = await readForm(c)
      const username = field('username')
      const work = async () => {
        await identity.reset({ token, password: field('password') })
        cookies.clear(c)
        return c.redirect('/reset/done', 303)
      }
      return orAgain(c, work, (problem) =>
        problem.code === 'not_found' ? overPage(problem, ANOTHER) : choosePage({ token, username, problem })
      )
    })
}
