/** @jsxImportSource hono/jsx */

import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import type { DeviceAsk, DeviceGrant } from '../../device/service.js'
import { placeText } from '../../places/place.js'
import { Facts, Field, Notice, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'

const MAY: Readonly<Record<DeviceAsk['scope'], readonly string[]>> = {
  cli: [
    'chat and answer, on your credits',
    'see your account, balance, usage and receipts',
    'list and revoke your keys'
  ],
  api: ['answer requests, on your credits', 'see its own receipts and your balance']
}

/** Where a device is let in that shows a code elsewhere. */
export function devicePages({ devices, stepUp, visitor }: PageDeps): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .use('/device', signedIn)
    .use('/device/*', signedIn)
    .get('/device', (c) => show(c, { title: 'Sign in a device', body: <CodeForm code={c.req.query('code') ?? ''} /> }))
    .post('/device', async (c) => {
      const code = (await readForm(c))('code')
      const again = await askAgain(c, code)
      if (again) return again
      try {
        const grant = await devices.open(code, sessionOf(c), visitor(c).address)
        return show(c, {
          title: 'Sign in a device',
          body: <Decision grant={grant} username={sessionOf(c).account.username} />
        })
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        const body = <CodeForm code={code} problem={error} />
        return show(c, { title: 'Sign in a device', body }, ERRORS[error.code].status)
      }
    })
    .post('/device/:id', async (c) => {
      const approves = (await readForm(c))('decision') === 'approve'
      const again = approves ? await askAgain(c, '') : undefined
      if (again) return again
      const ask = await devices.decide(c.req.param('id'), { session: sessionOf(c), approves })
      return show(c, { title: 'Sign in a device', body: <Done ask={ask} approves={approves} /> })
    })

  /** A key is made only for who has proven themselves within the last minutes. */
  async function askAgain(c: Context<PageEnv>, code: string): Promise<Response | undefined> {
    if (await stepUp.isProven(sessionOf(c))) return undefined
    const back = code === '' ? '/device' : `/device?code=${encodeURIComponent(code)}`
    return c.redirect(`/step-up?next=${encodeURIComponent(back)}`, 303)
  }
}

function CodeForm({ code, problem }: { readonly code: string; readonly problem?: AppError }) {
  return (
    <>
      <h1>Sign in a device</h1>
      <Problem message={problem?.message} />
      <p>
        A program on one of your devices shows a code of eight letters. Type it here only if you started that program
        yourself.
      </p>
      <form method="post" action="/device">
        <Field
          name="code"
          label="Code"
          value={code}
          autocomplete="off"
          maxlength={20}
          autofocus
          isWrong={problem !== undefined}
        />
        <button type="submit">Continue</button>
      </form>
    </>
  )
}

function Decision({ grant, username }: { readonly grant: DeviceGrant; readonly username: string }) {
  const { id, userCode, ask, address } = grant
  return (
    <>
      <h1>{ask.purpose === 'key' ? 'Make a key?' : 'Let this device in?'}</h1>
      <p>It shows the same code, and you started it yourself? If not, refuse: someone wants your credits.</p>
      <p class="code">{userCode}</p>
      <section class="panel">
        <Facts
          rows={[
            ['Program', ask.client],
            ['Device', ask.device],
            ['Asked from', placeText(address)],
            ['Account', username],
            ['Its key', `“${ask.name}”${ask.quota === '0' ? '' : `, at most ${Number(ask.quota) / 1e6} credits`}`],
            [
              'It may',
              <ul>
                {MAY[ask.scope].map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
            ],
            ...(ask.expiresAtMs === undefined
              ? []
              : ([['Until', new Date(ask.expiresAtMs).toISOString().slice(0, 10)]] as const)),
            ...(ask.replaces === null ? [] : ([['It replaces', 'the key that this program had before']] as const))
          ]}
        />
      </section>
      <form method="post" action={`/device/${id}`} class="row">
        <button type="submit" name="decision" value="approve">
          Approve
        </button>
        <button type="submit" name="decision" value="deny" class="danger">
          Refuse
        </button>
      </form>
    </>
  )
}

function Done({ ask, approves }: { readonly ask: DeviceAsk; readonly approves: boolean }) {
  return (
    <>
      <h1>{approves ? 'Done' : 'Refused'}</h1>
      <Notice>
        {approves
          ? `${ask.client} on ${ask.device} has its key in a moment. You can close this page.`
          : `${ask.client} on ${ask.device} was told. If you did not start it, change nothing: it got nothing.`}
      </Notice>
      <p>
        <a href="/account">Your account</a>
      </p>
    </>
  )
}
