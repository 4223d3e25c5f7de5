/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import { type Context, Hono } from 'hono'
import { qrImage } from '../../second-factor/qr.js'
import { Field, Problem } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { steppedUp } from '../stepped-up.js'
import { showCodes } from './recovery-codes.js'

const HERE = '/account/security/app'
const SECURITY = '/account/security'

/** Setting an authenticator app up, and turning it off. */
export function authenticatorAppPages({ secondFactor, stepUp }: PageDeps): Hono<PageEnv> {
  const { app } = secondFactor
  const fresh = [signedIn, steppedUp(stepUp, SECURITY)] as const

  async function page(c: Context<PageEnv>, problem?: AppError): Promise<Response> {
    const pending = await app.pending(sessionOf(c))
    if (!pending) return c.redirect(SECURITY, 303)
    const body = <SetUp secret={pending.secret} image={await qrImage(pending.uri)} problem={problem} />
    return show(c, { title: 'Authenticator app', body }, problem ? ERRORS[problem.code].status : 200)
  }

  return new Hono<PageEnv>()
    .get(HERE, ...fresh, (c) => page(c))
    .post(HERE, ...fresh, async (c) => {
      await app.begin(sessionOf(c))
      return c.redirect(HERE, 303)
    })
    .post(`${HERE}/confirm`, ...fresh, async (c) => {
      const field = await readForm(c)
      try {
        const codes = await app.confirm(sessionOf(c), field('code'))
        return codes ? showCodes(c, codes, true) : c.redirect(SECURITY, 303)
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'wrong_code') throw error
        return page(c, error)
      }
    })
    .post(`${HERE}/remove`, ...fresh, async (c) => {
      await app.remove(sessionOf(c))
      return c.redirect(SECURITY, 303)
    })
}

interface SetUpProps {
  readonly secret: string
  readonly image: string
  readonly problem: AppError | undefined
}

function SetUp({ secret, image, problem }: SetUpProps) {
  return (
    <>
      <h1>Set up an authenticator app</h1>
      <p>Scan this with the app, such as Aegis, 2FAS, Google Authenticator or a password manager.</p>
      <img class="qr" src={image} alt="QR code of the secret below" width="240" height="240" />
      <p>Or type the secret in:</p>
      <p class="secret">
        <code>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <Problem message={problem?.message} />
      <form method="post" action={`${HERE}/confirm`}>
        <Field
          name="code"
          label="Code"
          hint="Six digits, which the app shows now"
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength={7}
          isWrong={problem !== undefined}
        />
        <div class="row">
          <button type="submit">Turn it on</button>
          <a href={SECURITY}>Not now</a>
        </div>
      </form>
    </>
  )
}
