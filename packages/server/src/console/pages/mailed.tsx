/** @jsxImportSource hono/jsx */
import { type Context, Hono } from 'hono'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { show } from '../show.js'
import { orAgain, overPage, tell } from './told.js'

/** One kind of link: what it would do, and what it does when its button is pressed. */
interface Mailed {
  readonly path: string
  readonly title: string
  readonly text: (email: string) => string
  readonly button: string
  readonly look: (token: string) => Promise<string>
  readonly act: (token: string) => Promise<void>
  readonly done: { readonly title: string; readonly text: string; readonly next: readonly [string, string] }
  readonly isDanger?: boolean
}

/** Links of mails that take one press of a button. Opening them changes nothing: mail programs open links too. */
export function mailedPages({ identity }: PageDeps): Hono<PageEnv> {
  const account = ['/account', 'To your account'] as const
  const kinds: readonly Mailed[] = [
    {
      path: '/verify',
      title: 'Confirm your address',
      text: (email) => `${email} is the address of your account.`,
      button: 'Confirm it',
      look: identity.lookAtVerification,
      act: identity.verifyEmail,
      done: { title: 'Your address is confirmed', text: 'We write to it when something changes.', next: account }
    },
    {
      path: '/email/confirm',
      title: 'Confirm your new address',
      text: (email) =>
        `${email} will be the address of your account; browsers other than the one that asked are signed out.`,
      button: 'Confirm it',
      look: identity.lookAtEmailChange,
      act: identity.confirmEmailChange,
      done: { title: 'Your new address holds', text: 'We write to it from now on.', next: account }
    },
    {
      path: '/email/undo',
      title: 'Put your address back',
      text: (email) => `${email} will be the address of your account again, and every browser is signed out.`,
      button: 'Put it back',
      look: identity.lookAtEmailUndo,
      act: identity.undoEmailChange,
      done: {
        title: 'Your address is back',
        text: 'Every browser was signed out. Now choose a new password: whoever changed the address may know the old one.',
        next: ['/reset', 'Choose a new password']
      },
      isDanger: true
    }
  ]
  const pages = new Hono<PageEnv>()
  for (const kind of kinds) addKind(pages, kind)
  return pages
}

function addKind(pages: Hono<PageEnv>, { path, title, text, button, look, act, done, isDanger = false }: Mailed): void {
  const over = (c: Context<PageEnv>, work: () => Promise<Response>) =>
    orAgain(c, work, (problem) => overPage(problem, ['/account', 'To your account']))
  pages
    .get(`${path}/done`, (c) => tell(c, done))
    .get(`${path}/:token`, (c) =>
      over(c, async () => {
        const email = await look(c.req.param('token') ?? '')
        const body = (
          <>
            <h1>{title}</h1>
            <p>{text(email)}</p>
            <form method="post" action={`${path}/${c.req.param('token')}`}>
              <button type="submit" class={isDanger ? 'danger' : ''}>
                {button}
              </button>
            </form>
          </>
        )
        return show(c, { title, body })
      })
    )
    .post(`${path}/:token`, (c) =>
      over(c, async () => {
        await act(c.req.param('token') ?? '')
        return c.redirect(`${path}/done`, 303)
      })
    )
}
