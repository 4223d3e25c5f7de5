/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { Hono } from 'hono'
import { Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { localPath, readForm } from '../form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'

interface Given {
  readonly next: string
  readonly problem?: AppError
}

export function stepUpPages({ stepUp }: PageDeps): Hono<PageEnv> {
  function Page({ next, problem }: Given) {
    return (
      <>
        <h1>Is it still you?</h1>
        <p>What comes next changes who may come in, so it is asked again. It holds for ten minutes.</p>
        <Problem message={problem?.message} />
        <form method="post" action="/step-up">
          <input type="hidden" name="next" value={next} />
          <Field
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            isWrong={problem !== undefined}
            autofocus
          />
          <button type="submit">Go on</button>
        </form>
      </>
    )
  }

  return new Hono<PageEnv>()
    .get('/step-up', signedIn, (c) => {
      const next = localPath(c.req.query('next'), '/account')
      return show(c, { title: 'Is it still you?', body: <Page next={next} /> })
    })
    .post('/step-up', signedIn, async (c) => {
      const field = await readForm(c)
      const next = localPath(field('next'), '/account')
      try {
        await stepUp.prove(sessionOf(c), { type: 'password', password: field('password') })
        return c.redirect(next, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const body = <Page next={next} problem={error} />
        return show(c, { title: 'Is it still you?', body }, ERRORS[error.code].status)
      }
    })
}
