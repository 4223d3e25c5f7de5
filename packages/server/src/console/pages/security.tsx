/** @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { SecondFactor } from '../../second-factor/service.js'
import { Field } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { steppedUp } from '../stepped-up.js'
import { authenticatorAppPages } from './authenticator-app.js'
import { NotHere, passkeyPages } from './passkeys.js'
import { showCodes } from './recovery-codes.js'

const HERE = '/account/security'

type Status = Awaited<ReturnType<SecondFactor['status']>>

/** What is asked for beside the password, and all that changes it. */
export function securityPages(deps: PageDeps): Hono<PageEnv> {
  const { secondFactor, stepUp } = deps
  return new Hono<PageEnv>()
    .get(HERE, signedIn, async (c) => {
      const status = await secondFactor.status(sessionOf(c).account.id)
      const body = (
        <>
          <h1>Second factor</h1>
          <p>
            {status.isOn
              ? 'On: whoever signs in with the password is asked for one thing more.'
              : 'Off: the password alone lets people in. An app or a passkey turns it on.'}
          </p>
          <App isOn={status.hasApp} />
          <PasskeyList passkeys={status.passkeys} isPossible={secondFactor.passkeys.isPossible()} />
          {status.isOn ? <Codes left={status.codesLeft} /> : null}
          <p>
            <a href="/account">Back to the account</a>
          </p>
        </>
      )
      return show(c, { title: 'Second factor', body })
    })
    .post(`${HERE}/recovery-codes`, signedIn, steppedUp(stepUp, HERE), async (c) =>
      showCodes(c, await secondFactor.newCodes(sessionOf(c).account.id), false)
    )
    .route('/', authenticatorAppPages(deps))
    .route('/', passkeyPages(deps))
}

function App({ isOn }: { readonly isOn: boolean }) {
  return (
    <section class="panel wide">
      <h2>Authenticator app</h2>
      <p>{isOn ? 'On. It shows six digits, which change every 30 seconds.' : 'None.'}</p>
      <form method="post" action={isOn ? `${HERE}/app/remove` : `${HERE}/app`}>
        <button type="submit" class={isOn ? 'danger' : 'second'}>
          {isOn ? 'Turn it off' : 'Set one up'}
        </button>
      </form>
    </section>
  )
}

function PasskeyList({ passkeys, isPossible }: Pick<Status, 'passkeys'> & { readonly isPossible: boolean }) {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  return (
    <section class="panel">
      <h2>Passkeys</h2>
      {passkeys.length === 0 ? (
        <p>None.</p>
      ) : (
        <table class="stack">
          <thead>
            <tr>
              <th>Name</th>
              <th>Use</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {passkeys.map(({ id, name, createdAtMs, lastUsedAtMs }) => (
              <tr key={id}>
                <td>{name}</td>
                <td>
                  added {day(createdAtMs)}, {lastUsedAtMs === null ? 'never used' : `last used ${day(lastUsedAtMs)}`}
                </td>
                <td>
                  <Change id={id} name={name} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isPossible ? (
        <p>
          <a class="button second" href={`${HERE}/passkeys/new`}>
            Add a passkey
          </a>
        </p>
      ) : (
        <NotHere />
      )}
    </section>
  )
}

function Change({ id, name }: { readonly id: string; readonly name: string }) {
  const path = `${HERE}/passkeys/${encodeURIComponent(id)}`
  return (
    <details>
      <summary>
        Change <span class="unseen">{name}</span>
      </summary>
      <form method="post" action={`${path}/rename`}>
        <Field name="name" id={`name-${id}`} label="Name" value={name} maxlength={60} />
        <button type="submit" class="second">
          Rename
        </button>
      </form>
      <form method="post" action={`${path}/remove`}>
        <button type="submit" class="danger">
          Remove
        </button>
      </form>
    </details>
  )
}

function Codes({ left }: { readonly left: number }) {
  return (
    <section class="panel">
      <h2>Recovery codes</h2>
      <p>{left === 1 ? 'One is left.' : `${left} are left.`} New ones take the place of all others.</p>
      <form method="post" action={`${HERE}/recovery-codes`}>
        <button type="submit" class="second">
          Make new ones
        </button>
      </form>
    </section>
  )
}
