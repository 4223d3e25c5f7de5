/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import type { FreshProof } from '../../second-factor/step-up.js'
import { Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { localPath, readForm } from '../form.js'
import { ProofForms, proofScripts, sentProof } from '../proof-forms.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'

const TITLE = 'Is it still you?'

/** Asks for a fresh proof, and leads back to what needed it. */
export function stepUpPages({ stepUp, cookies }: PageDeps): Hono<PageEnv> {
  async function page(c: Context<PageEnv>, next: string, problem?: AppError): Promise<Response> {
    const ways = await stepUp.ways(sessionOf(c).account.id)
    const body = (
      <>
        <h1>{TITLE}</h1>
        <p>What comes next changes who may come in, so it is asked again. It holds for ten minutes.</p>
        <Problem message={problem?.message} />
        {ways.password ? (
          <PasswordForm next={next} isWrong={problem !== undefined} />
        ) : (
          <ProofForms action="/step-up" button="Go on" next={next} ways={ways} wrong={problem?.details.param} />
        )}
      </>
    )
    return show(c, { title: TITLE, body, scripts: proofScripts(ways) }, problem ? ERRORS[problem.code].status : 200)
  }

  return new Hono<PageEnv>()
    .get('/step-up', signedIn, (c) => page(c, localPath(c.req.query('next'), '/account')))
    .post('/step-up', signedIn, async (c) => {
      const field = await readForm(c)
      const next = localPath(field('next'), '/account')
      try {
        await stepUp.prove(sessionOf(c), sent(field))
        await cookies.renew(c)
        return c.redirect(next, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return page(c, next, error)
      }
    })
    .post('/step-up/options', signedIn, async (c) => c.json(await stepUp.ask(sessionOf(c))))
}

function PasswordForm({ next, isWrong }: { readonly next: string; readonly isWrong: boolean }) {
  return (
    <form method="post" action="/step-up">
      <input type="hidden" name="next" value={next} />
      <Field
        name="password"
        label="Password"
        type="password"
        autocomplete="current-password"
        isWrong={isWrong}
        autofocus
      />
      <button type="submit">Go on</button>
    </form>
  )
}

function sent(field: (name: string) => string): FreshProof {
  const password = field('password')
  return password === '' ? sentProof(field) : { type: 'password', password }
}
