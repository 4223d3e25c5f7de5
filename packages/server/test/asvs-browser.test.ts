import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pageVisitor } from '../src/testing/page-visitor.js'
import { PASSWORD, person } from '../src/testing/people.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

// OWASP ASVS 5.0, chapter 3: what browsers are told. Served by TLS, as behind a proxy.
let t: TestServer

beforeEach(async () => {
  const env = { CAICAINI_CAPTCHA: 'off', CAICAINI_PUBLIC_URL: 'https://code.example.org' }
  t = await createTestServer({ env })
})
afterEach(() => t.close())

/** A page, the asset it has, a refused API call, an answered one, and what is not there. */
async function answers(): Promise<Response[]> {
  const page = await fetch(`${t.url}/login`)
  const asset = /\/assets\/[^"]+/.exec(await page.clone().text())?.[0]
  const paths = [asset, '/api/account', '/api/hello', '/no-such-page', '/v1/models', '/admin/api/users', '/webhooks/x']
  return [page, ...(await Promise.all(paths.map((path) => fetch(t.url + path))))]
}
const headersOf = async (name: string) => (await answers()).map(({ headers }) => headers.get(name))

describe('cookies', () => {
  /** Every cookie of a sign-in with a second factor, and of the sign-out. */
  async function cookies(): Promise<string[]> {
    const grace = person(t)
    const app = await grace.withApp((await grace.register()).access_token)
    t.clock.advance({ seconds: 30 })
    const browser = pageVisitor(t)
    const password = await browser.login('grace')
    const second = await browser.submit('/login/second', { code: app.code() })
    expect(second.status).toBe(303)
    const all = [password, second, await browser.submit('/logout')].flatMap(({ headers }) => headers.getSetCookie())
    expect(all.map((each) => each.split('=')[0])).toEqual(
      expect.arrayContaining(['__Host-caicaini_ticket', '__Host-caicaini_access', '__Host-caicaini_refresh'])
    )
    return all
  }

  test('3.3.1 are Secure, and have the prefix __Host-', async () => {
    for (const each of await cookies()) {
      expect(each).toMatch(/^__Host-\w+=/)
      expect(each).toMatch(/; Secure(;|$)/)
      expect(each).toMatch(/; Path=\/(;|$)/)
      expect(each).not.toMatch(/; Domain=/i)
    }
  })

  test('3.3.2 are not sent along by other sites’ forms', async () => {
    for (const each of await cookies()) expect(each).toMatch(/; SameSite=Lax(;|$)/)
  })

  test('3.3.3 are taken under the prefix alone: another host of the domain cannot plant one', async () => {
    const browser = pageVisitor(t)
    await browser.register('linus')
    expect(await browser.isIn()).toBe(true)
    const planted = [...browser.jar].map(([name, value]) => `${name.replace('__Host-', '')}=${value}`).join('; ')
    const page = await fetch(`${t.url}/account`, { headers: { cookie: planted }, redirect: 'manual' })
    expect(page.headers.get('location')).toMatch(/^\/login/)
  })

  test('3.3.4 are HttpOnly, and no page shows a script what is in them', async () => {
    for (const each of await cookies()) expect(each).toMatch(/; HttpOnly(;|$)/)
    const browser = pageVisitor(t)
    await browser.register('linus')
    for (const path of ['/account', '/account/security', '/account/keys']) {
      const text = await (await browser.send(path)).text()
      for (const value of browser.jar.values()) expect(text).not.toContain(value)
    }
  })
})

describe('headers', () => {
  test('3.4.1 HSTS for a year and more is in every answer, and in none that is not by TLS', async () => {
    for (const each of await headersOf('strict-transport-security')) {
      expect(Number(/max-age=(\d+)/.exec(each ?? '')?.[1])).toBeGreaterThanOrEqual(31_536_000)
      expect(each).toContain('includeSubDomains')
    }
    await t.close()
    t = await createTestServer()
    expect(await headersOf('strict-transport-security')).toEqual((await answers()).map(() => null))
  })

  test('3.4.2 no other site may read an answer, or ask whether it may', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const path of ['/login', '/api/account', '/api/login', '/v1/messages', '/api/hello', '/admin/api/users']) {
      for (const method of ['GET', 'OPTIONS']) {
        const response = await fetch(t.url + path, { method, headers })
        expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      }
    }
  })

  test('3.4.3 a page runs its own scripts alone, by a nonce that no other answer has', async () => {
    const policies = await Promise.all(
      ['/login', '/login', '/register', '/reset', '/terms', '/device'].map(async (path) => {
        const response = await fetch(t.url + path, { redirect: 'manual' })
        return response.headers.get('content-security-policy') ?? ''
      })
    )
    for (const policy of policies) {
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("base-uri 'none'")
      expect(policy).not.toContain('unsafe')
    }
    const nonces = policies.map((policy) => /'nonce-([\w+/=]{22,})'/.exec(policy)?.[1])
    expect(nonces).not.toContain(undefined)
    expect(new Set(nonces).size).toBe(policies.length)
  })

  test('3.4.4 no answer’s type is guessed', async () => {
    for (const each of await headersOf('x-content-type-options')) expect(each).toBe('nosniff')
  })

  test('3.4.5 no address is told to another site', async () => {
    expect((await fetch(`${t.url}/login`)).headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('3.4.6 a page is in nobody’s frame', async () => {
    const browser = pageVisitor(t)
    await browser.register('linus')
    for (const path of ['/login', '/account', '/account/keys', '/device', '/no-such-page']) {
      const { headers } = await browser.send(path, { headers: { accept: 'text/html' } })
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
    }
  })
})

describe('forms', () => {
  const FORMS = ['/login', '/register', '/logout', '/reset', '/step-up', '/device', '/account/sessions/end-others']

  test('3.5.1 of another site do nothing, whatever the browser says of them', async () => {
    const browser = pageVisitor(t)
    await browser.register('linus')
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://code.example.org' }
    ]
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const older: Record<string, string>[] = [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]
    for (const path of FORMS) {
      for (const headers of foreign) expect((await browser.submit(path, {}, headers)).status).toBe(403)
      for (const headers of older) {
        const init = { method: 'POST', body: new URLSearchParams(), headers: { cookie, ...headers } }
        expect((await fetch(t.url + path, init)).status).toBe(403)
      }
    }
    expect(await browser.isIn()).toBe(true)
  })

  test('3.5.2 the API takes no cookies, and no body that a form can send', async () => {
    const browser = pageVisitor(t)
    await browser.register('linus')
    for (const path of ['/api/account', '/api/keys', '/v1/models', '/api/balance'])
      expect((await browser.send(path)).status).toBe(401)
    const body = JSON.stringify({ name: 'linus', password: PASSWORD })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect(
        (await browser.send('/api/login', { method: 'POST', body, headers: { 'content-type': type } })).status
      ).toBe(415)
  })

  test('3.5.3 looking changes nothing: what acts is no GET', async () => {
    const browser = pageVisitor(t)
    await browser.register('linus')
    const acting = ['/logout', '/account/sessions/end-others', '/step-up/options', '/account/keys/key_x/revoke']
    for (const path of acting)
      for (const method of ['GET', 'HEAD']) expect((await browser.send(path, { method })).status).toBe(404)
    for (const path of ['/api/logout', '/api/account/sessions/end-others', '/api/refresh', '/api/register']) {
      const { access_token } = (await (await person(t, 'linus').login()).json()) as { access_token: string }
      const asked = await person(t).call('GET', path, undefined, access_token)
      expect(asked.status).toBe(404)
    }
    expect(await browser.isIn()).toBe(true)
  })
})
