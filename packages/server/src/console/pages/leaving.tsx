/** @jsxImportSource hono/jsx */
import { AppError, formatCredits } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import { Check, Field, Notice, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { steppedUp } from '../stepped-up.js'

/** Taking one's data along, and closing the account. */
export function leavingPages({ exports, closing, stepUp, cookies }: PageDeps): Hono<PageEnv> {
  async function closePage(c: Context<PageEnv>, problem?: AppError): Promise<Response> {
    const { account } = sessionOf(c)
    const { forfeits } = await closing.preview(account.id)
    const body = (
      <>
        <h1>Close your account</h1>
        <Problem message={problem?.message} />
        <p>
          At once: you are signed out everywhere, your keys end, and answers under way stop. Within 30 days your profile
          and chats are gone for good.
        </p>
        <p>
          <strong>
            {forfeits === 0n ? 'You have no credits left.' : `${formatCredits(forfeits)} credits are forfeited.`}
          </strong>{' '}
          What you paid and used is kept without your name as long as the law wants it.
        </p>
        <p>
          Take <a href="/account/export">your data</a> along first.
        </p>
        <form method="post" action="/account/close">
          <Field
            name="username"
            label={`Type your username, ${account.username}, to confirm`}
            autocomplete="off"
            isWrong={problem !== undefined}
          />
          <Check name="sure" value="yes">
            I know that this cannot be undone
          </Check>
          <button type="submit" class="danger">
            Close my account
          </button>
        </form>
      </>
    )
    return show(c, { title: 'Close your account', body }, problem ? 400 : 200)
  }

  return (
    new Hono<PageEnv>()
      .use('/account/export', signedIn)
      .use('/account/export/*', signedIn)
      // What cannot be undone needs a proof of who asks that is fresh.
      .use('/account/close', signedIn, steppedUp(stepUp, '/account/close'))
      .get('/account/export', async (c) =>
        show(c, { title: 'Your data', body: <ExportState found={await exports.newest(sessionOf(c).account.id)} /> })
      )
      .post('/account/export', async (c) => {
        await exports.ask(sessionOf(c).account.id)
        return c.redirect('/account/export', 303)
      })
      .get('/account/export/:file', async (c) => {
        const body = await exports.body(sessionOf(c).account.id, c.req.param('file').replace(/\.zip$/, ''))
        c.header('content-disposition', 'attachment; filename="caicaini-export.zip"')
        return c.body(body as Uint8Array<ArrayBuffer>, 200, { 'content-type': 'application/zip' })
      })
      .get('/account/close', (c) => closePage(c))
      .post('/account/close', async (c) => {
        const { account } = sessionOf(c)
        const field = await readForm(c)
        if (field('username').trim().toLowerCase() !== account.username.toLowerCase() || field('sure') !== 'yes')
          return closePage(
            c,
            new AppError('invalid_request', 'username: type your own username, and confirm', { param: 'username' })
          )
        const { forfeited } = await closing.close(account.id)
        cookies.clear(c)
        c.set('session', undefined)
        const body = (
          <>
            <h1>Your account is closed</h1>
            <Notice>
              You are signed out everywhere.
              {forfeited === 0n ? '' : ` ${formatCredits(forfeited)} credits were forfeited.`}
            </Notice>
          </>
        )
        return show(c, { title: 'Closed', body })
      })
  )
}

function ExportState({ found }: { readonly found: Awaited<ReturnType<PageDeps['exports']['newest']>> }) {
  return (
    <>
      <h1>Your data</h1>
      <p>
        One ZIP with your profile, sessions, keys, receipts, the book of your credits and what was done to your account,
        as JSON and CSV.
      </p>
      {found?.state === 'ready' ? (
        <>
          <Notice>
            It is ready until {new Date(found.expiresAtMs ?? 0).toISOString().slice(0, 16).replace('T', ' ')} UTC.
          </Notice>
          <p>
            <a class="button" href={`/account/export/${found.id}.zip`}>
              Download
            </a>
          </p>
        </>
      ) : found?.state === 'pending' ? (
        <>
          <Notice>It is being made.</Notice>
          <p>
            <a class="button second" href="/account/export">
              Look again
            </a>
          </p>
        </>
      ) : (
        <>
          <Problem message={found?.state === 'failed' ? 'It could not be made. Try again.' : undefined} />
          <form method="post" action="/account/export">
            <button type="submit">Make it</button>
          </form>
        </>
      )}
    </>
  )
}
