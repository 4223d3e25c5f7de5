import { TOTP } from 'otpauth'
import type { TestServer } from './server.js'

export interface SessionTokens {
  readonly access_token: string
  readonly refresh_token: string
}

export const PASSWORD = 'a compiler of my own'

/** A person with a browser session, for tests of what accounts do. */
export function person(
  t: { readonly url: string; readonly clock: Pick<TestServer['clock'], 'nowMs'> },
  username = 'grace'
) {
  const call = (method: string, path: string, body?: object, token?: string): Promise<Response> =>
    fetch(t.url + path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` })
      }
    })
  const post = (path: string, body: object, token?: string) => call('POST', path, body, token)

  async function answer<T>(response: Promise<Response>): Promise<T> {
    const got = await response
    if (!got.ok) throw new Error(`${got.url}: ${got.status} ${await got.text()}`)
    return (got.status === 204 ? undefined : await got.json()) as T
  }

  return {
    call,
    post,
    answer,
    register: () =>
      answer<SessionTokens>(
        post('/api/register', {
          username,
          email: `${username}@example.org`,
          password: PASSWORD,
          age: 18,
          terms: '2026-11-21'
        })
      ),
    login: () => post('/api/login', { name: username, password: PASSWORD }),
    ticket: async () =>
      (await answer<{ second_factor: string }>(post('/api/login', { name: username, password: PASSWORD })))
        .second_factor,

    /** Sets an authenticator app up, and tells its codes as of the server's clock. */
    async withApp(token: string) {
      const { secret } = await answer<{ secret: string }>(post('/api/account/second-factor/totp', {}, token))
      const app = new TOTP({ secret })
      const code = (steps = 0) => app.generate({ timestamp: t.clock.nowMs() + steps * 30_000 })
      const done = await answer<{ recovery_codes: string[] }>(
        post('/api/account/second-factor/totp/confirm', { code: code() }, token)
      )
      return { code, codes: done.recovery_codes }
    }
  }
}
