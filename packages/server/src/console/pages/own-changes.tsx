/** @jsxImportSource hono/jsx */
import type { AppError } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import type { Child } from 'hono/jsx'
import { Field, type FieldProps, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { steppedUp } from '../stepped-up.js'
import { orAgain, tell } from './told.js'

interface FormShown {
  readonly path: string
  readonly title: string
  readonly text: Child
  readonly fields: readonly FieldProps[]
  readonly button: string
  readonly problem?: AppError | undefined
}

function formPage({ path, title, text, fields, button, problem }: FormShown): { title: string; body: Child } {
  const body = (
    <>
      <h1>{title}</h1>
      <Problem message={problem?.message} />
      <p>{text}</p>
      <form method="post" action={path}>
        {fields.map((field) => (
          <Field key={field.name} {...field} isWrong={problem?.details.param === field.name} />
        ))}
        <div class="row">
          <button type="submit">{button}</button>
          <a href="/account">Leave it as it is</a>
        </div>
      </form>
    </>
  )
  return { title, body }
}

function emailPage(given: { value?: string; problem?: AppError }) {
  return formPage({
    path: '/account/email',
    title: 'Another e-mail address',
    text: 'We mail a link to the new address. It takes the place of the present one when you open that, and the present one is told.',
    fields: [{ name: 'email', label: 'New e-mail', type: 'email', autocomplete: 'email', value: given.value ?? '' }],
    button: 'Mail me the link',
    problem: given.problem
  })
}

function passwordPage(given: { problem?: AppError }) {
  return formPage({
    path: '/account/password',
    title: 'Another password',
    text: 'Every other browser that is signed in will be signed out.',
    fields: [
      { name: 'current', label: 'Present password', type: 'password', autocomplete: 'current-password' },
      {
        name: 'password',
        label: 'New password',
        type: 'password',
        autocomplete: 'new-password',
        minlength: 8,
        hint: '8 to 128 characters, any. Three or four words of your own are better than one with signs'
      }
    ],
    button: 'Set the password',
    problem: given.problem
  })
}

function usernamePage(given: { value: string; problem?: AppError }) {
  return formPage({
    path: '/account/username',
    title: 'Another username',
    text: 'You sign in with the new one from now on, and the old one is free for others.',
    fields: [
      {
        name: 'username',
        label: 'Username',
        hint: '3 to 32 of a–z, 0–9, “.”, “_”, “-”',
        autocomplete: 'username',
        maxlength: 32,
        value: given.value
      }
    ],
    button: 'Rename the account',
    problem: given.problem
  })
}

/** What the owner of an account changes of it. */
export function ownChangesPages({ identity, stepUp }: PageDeps): Hono<PageEnv> {
  const owner = (c: Context<PageEnv>) => {
    const { id, account } = sessionOf(c)
    return { accountId: account.id, sessionId: id }
  }
  return new Hono<PageEnv>()
    .use('/account/email', signedIn, steppedUp(stepUp, '/account/email'))
    .get('/account/email', (c) => show(c, emailPage({})))
    .post('/account/email', async (c) => {
      const email = (await readForm(c))('email')
      const work = async () => {
        await identity.askEmailChange({ ...owner(c), email })
        return c.redirect('/account/mailed', 303)
      }
      return orAgain(c, work, (problem) => emailPage({ value: email, problem }))
    })
    .post('/account/verify', signedIn, async (c) => {
      await identity.resendVerification(owner(c).accountId)
      return c.redirect('/account/mailed', 303)
    })
    .get('/account/mailed', signedIn, (c) =>
      tell(c, {
        title: 'Look into your mail',
        text: 'A link is on its way. It is good for 24 hours.',
        next: ['/account', 'To your account']
      })
    )
    .get('/account/password', signedIn, (c) => show(c, { ...passwordPage({}), scripts: ['password-hint.js'] }))
    .post('/account/password', signedIn, async (c) => {
      const field = await readForm(c)
      const work = async () => {
        await identity.changePassword({ ...owner(c), current: field('current'), password: field('password') })
        return c.redirect('/account', 303)
      }
      return orAgain(c, work, (problem) => passwordPage({ problem }))
    })
    .get('/account/username', signedIn, (c) => show(c, usernamePage({ value: sessionOf(c).account.username })))
    .post('/account/username', signedIn, async (c) => {
      const username = (await readForm(c))('username')
      const work = async () => {
        await identity.rename({ ...owner(c), username })
        return c.redirect('/account', 303)
      }
      return orAgain(c, work, (problem) => usernamePage({ value: username, problem }))
    })
}
