/** @jsxImportSource hono/jsx */

import { Hono } from 'hono'
import { placeText } from '../../places/place.js'
import { Facts, Notice } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'

export function accountPages({ identity, sessions, signals, site }: PageDeps): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get('/account', signedIn, async (c) => {
      const { id, account } = sessionOf(c)
      const person = await identity.profile(account.id)
      const list = await sessions.list(account.id)
      const notice = await signals.noticeFor(account.id)
      const body = (
        <>
          <h1>{person.username}</h1>
          {person.termsVersion === null || person.termsVersion === site.termsVersion ? null : (
            <section class="panel">
              <h2>The terms have changed</h2>
              <p>
                Read the <a href="/terms">terms of {site.termsVersion}</a>. You have accepted those of{' '}
                {person.termsVersion}.
              </p>
              <form method="post" action="/terms/accept">
                <button type="submit">I accept them</button>
              </form>
            </section>
          )}
          {notice === null ? null : <Notice>{notice}</Notice>}
          <section class="panel wide">
            <h2>Profile</h2>
            <Facts
              rows={[
                ['Username', person.username],
                [
                  'E-mail',
                  person.email === null
                    ? 'none'
                    : `${person.email}${person.isEmailVerified ? '' : ' (not confirmed yet)'}`
                ],
                ['Plan', person.plan],
                ['Since', new Date(person.createdAtMs).toISOString().slice(0, 10)]
              ]}
            />
            <p class="row">
              <a href="/account/username">Change the username</a>
              <a href="/account/email">Change the e-mail</a>
              <a href="/account/password">Change the password</a>
            </p>
            {person.email === null || person.isEmailVerified ? null : (
              <form method="post" action="/account/verify">
                <button class="second" type="submit">
                  Mail the confirmation again
                </button>
              </form>
            )}
          </section>
          <section class="panel">
            <h2>Second factor</h2>
            <p>
              <a href="/account/security">Authenticator app, passkeys, recovery codes</a>
            </p>
          </section>
          <p>
            <a href="/account/keys">Keys</a>
          </p>
          <section class="panel">
            <h2>Browsers that are signed in</h2>
            <table class="stack">
              <thead>
                <tr>
                  <th>Browser</th>
                  <th>From</th>
                  <th>Last used</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {list.map((each) => (
                  <tr key={each.id}>
                    <td>{each.agent || 'unknown'}</td>
                    <td>{placeText(each.address)}</td>
                    <td>{new Date(each.lastUsedAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC</td>
                    <td>
                      {each.id === id ? (
                        'this one'
                      ) : (
                        <form method="post" action={`/account/sessions/${each.id}/end`}>
                          <button class="plain" type="submit">
                            Sign out
                          </button>
                        </form>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {list.length > 1 ? (
              <form method="post" action="/account/sessions/end-others">
                <button class="second" type="submit">
                  Sign out all others
                </button>
              </form>
            ) : null}
          </section>
          <section class="panel">
            <h2>Leaving</h2>
            <p>
              <a href="/account/export">Take your data along</a> · <a href="/account/close">Close your account</a>
            </p>
          </section>
        </>
      )
      return show(c, { title: 'Account', body })
    })
    .post('/account/sessions/end-others', signedIn, async (c) => {
      const { id, account } = sessionOf(c)
      await identity.endOtherSessions(account.id, id)
      return c.redirect('/account', 303)
    })
    .post('/account/sessions/:id/end', signedIn, async (c) => {
      const { account } = sessionOf(c)
      await identity.endSession(account.id, c.req.param('id'))
      return c.redirect('/account', 303)
    })
}
