/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import { Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { PASSKEY_SCRIPTS, PasskeyForm, passkeyAnswer } from '../passkey-form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { steppedUp } from '../stepped-up.js'
import { showCodes } from './recovery-codes.js'

const HERE = '/account/security/passkeys'
const SECURITY = '/account/security'

/** Adding passkeys, naming them, taking them away. */
export function passkeyPages({ secondFactor, stepUp }: PageDeps): Hono<PageEnv> {
  const { passkeys } = secondFactor
  const fresh = (back?: string) => [signedIn, steppedUp(stepUp, back)] as const

  function page(c: Context<PageEnv>, problem?: AppError): Response {
    const body = <Add isPossible={passkeys.isPossible()} problem={problem} />
    return show(
      c,
      { title: 'Add a passkey', body, scripts: PASSKEY_SCRIPTS },
      problem ? ERRORS[problem.code].status : 200
    )
  }

  return new Hono<PageEnv>()
    .get(`${HERE}/new`, ...fresh(), (c) => page(c))
    .post(`${HERE}/options`, ...fresh(`${HERE}/new`), async (c) => c.json(await passkeys.askNew(sessionOf(c))))
    .post(HERE, ...fresh(`${HERE}/new`), async (c) => {
      const field = await readForm(c)
      try {
        const answer = passkeyAnswer(field('passkey'))
        const { codes } = await passkeys.add(sessionOf(c), { name: field('name'), answer })
        return codes ? showCodes(c, codes, true) : c.redirect(SECURITY, 303)
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return page(c, error)
      }
    })
    .post(`${HERE}/:id/rename`, ...fresh(SECURITY), async (c) => {
      const field = await readForm(c)
      await passkeys.rename(sessionOf(c), c.req.param('id'), field('name'))
      return c.redirect(SECURITY, 303)
    })
    .post(`${HERE}/:id/remove`, ...fresh(SECURITY), async (c) => {
      await passkeys.remove(sessionOf(c), c.req.param('id'))
      return c.redirect(SECURITY, 303)
    })
}

function Add({ isPossible, problem }: { readonly isPossible: boolean; readonly problem: AppError | undefined }) {
  return (
    <>
      <h1>Add a passkey</h1>
      <p>
        It lets you in without a password: by your fingerprint, your face or the PIN of this device, or by a security
        key. From the first one on, the password alone lets nobody in.
      </p>
      <Problem message={problem?.message} />
      {isPossible ? (
        <PasskeyForm action={HERE} options={`${HERE}/options`} does="create" label="Add it">
          <Field name="name" label="Name" hint="By which you tell it from others, such as “laptop”" maxlength={60} />
        </PasskeyForm>
      ) : (
        <NotHere />
      )}
      <p>
        <a href={SECURITY}>Not now</a>
      </p>
    </>
  )
}

/** Where browsers refuse passkeys, whatever we do. */
export function NotHere() {
  return (
    <p class="soft">
      Browsers have passkeys only for servers with a name and TLS, or for localhost. Whoever runs this server sets its
      address by <code>CAICAINI_PUBLIC_URL</code>.
    </p>
  )
}
