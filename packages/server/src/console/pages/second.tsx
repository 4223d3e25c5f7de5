/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import { Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { localPath, readForm } from '../form.js'
import { PASSKEY_SCRIPTS, PasskeyForm, passkeyAnswer } from '../passkey-form.js'
import { ProofForms, proofScripts, sentProof } from '../proof-forms.js'
import { show } from '../show.js'

const TITLE = 'Second factor'

/** The second half of a sign-in, and the sign-in by a passkey alone. */
export function secondPages({ secondSignIn, cookies, visitor }: PageDeps): Hono<PageEnv> {
  /** What the password was answered with; throws where there was none, or it is over. */
  function ticketOf(c: Context<PageEnv>): string {
    const ticket = cookies.ticket(c)
    if (ticket === undefined) throw new AppError('sign_in_failed', 'This sign-in took too long: begin again.')
    return ticket
  }

  async function page(c: Context<PageEnv>, next: string, problem?: AppError): Promise<Response> {
    const ways = await secondSignIn.ways(ticketOf(c))
    const body = (
      <>
        <h1>{TITLE}</h1>
        <p>The password is right. This account asks for one thing more.</p>
        <Problem message={problem?.message} />
        <ProofForms action="/login/second" button="Sign in" next={next} ways={ways} wrong={problem?.details.param} />
        <p>
          <a href="/login">Begin again</a>
        </p>
      </>
    )
    return show(c, { title: TITLE, body, scripts: proofScripts(ways) }, problem ? ERRORS[problem.code].status : 200)
  }

  return new Hono<PageEnv>()
    .get('/login/second', async (c) =>
      cookies.ticket(c) === undefined ? c.redirect('/login') : page(c, localPath(c.req.query('next'), '/account'))
    )
    .post('/login/second', async (c) => {
      const field = await readForm(c)
      const next = localPath(field('next'), '/account')
      try {
        await cookies.begin(c, await secondSignIn.finish({ ticket: ticketOf(c), proof: sentProof(field) }, visitor(c)))
        return c.redirect(next, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return page(c, next, error)
      }
    })
    .post('/login/second/options', async (c) => c.json(await secondSignIn.ask(ticketOf(c))))
    .post('/login/passkey/options', async (c) => c.json(await secondSignIn.ask(undefined)))
    .post('/login/passkey', async (c) => {
      const field = await readForm(c)
      const next = localPath(field('next'), '/account')
      try {
        await cookies.begin(c, await secondSignIn.byPasskey(passkeyAnswer(field('passkey')), visitor(c)))
        return c.redirect(next, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return passkeyAgain(c, next, error)
      }
    })
}

function passkeyAgain(c: Context<PageEnv>, next: string, problem: AppError): Response {
  const body = (
    <>
      <h1>Sign in with a passkey</h1>
      <Problem message={problem.message} />
      <PasskeyLogin next={next} />
      <p>
        <a href={`/login?next=${encodeURIComponent(next)}`}>Sign in with a password</a>
      </p>
    </>
  )
  return show(c, { title: 'Sign in', body, scripts: PASSKEY_SCRIPTS }, ERRORS[problem.code].status)
}

/** The way in without a password. */
export function PasskeyLogin({ next }: { readonly next: string }) {
  return (
    <PasskeyForm
      action="/login/passkey"
      options="/login/passkey/options"
      does="get"
      label="Sign in with a passkey"
      look="second"
    >
      <input type="hidden" name="next" value={next} />
    </PasskeyForm>
  )
}
