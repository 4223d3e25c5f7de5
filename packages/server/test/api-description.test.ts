import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { person } from '../src/testing/people.js'
import { refusal } from '../src/testing/refusal.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer

beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
})

interface Asked {
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly token?: string
  readonly headers?: Record<string, string>
}

/** As the owner, or with a bearer's token; what was refused, and why. */
async function refused(method: string, path: string, { body = '', token, headers = {} }: Asked = {}) {
  const type = body && { 'content-type': 'application/json' }
  const bearer = token && { authorization: `Bearer ${token}` }
  const init = { method, headers: { ...type, ...bearer, ...headers }, ...(body && { body }) }
  const response = await (token
    ? fetch(t.url + path, init)
    : t.server.fetchLocal(new Request(`http://local${path}`, init)))
  const { status, error } = await refusal(response)
  return { status, ...error }
}

interface Document {
  readonly paths: Record<string, Record<string, { responses: Record<string, object>; security?: object[] }>>
  readonly components: { responses: object; securitySchemes: object }
  readonly security: readonly object[]
}

describe('GET /api/openapi.json', () => {
  test('tells of each route what it may be refused for, and whether it takes a key', async () => {
    const response = await fetch(`${t.url}/api/openapi.json`)
    const { paths, components, security } = (await response.json()) as Document
    const refusals = Object.keys(components.responses)
    expect(refusals).toEqual(expect.arrayContaining(['400', '401', '403', '404', '409', '413', '415', '429', '500']))
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { responses }] of Object.entries(methods))
        expect({ path, method, told: Object.keys(responses) }).toMatchObject({
          told: expect.arrayContaining(refusals)
        })
    expect(Object.keys(components.securitySchemes)).toEqual(security.flatMap(Object.keys))
    const open = Object.entries(paths).filter(([, { post }]) => post?.security?.length === 0)
    expect(open.map(([path]) => path)).toEqual(
      expect.arrayContaining(['/api/login', '/api/device/token', '/webhooks/leaked-key'])
    )
    expect(paths['/api/account']?.get).not.toHaveProperty('security')
  })

  test("tells OAuth's refusal beside our own, and no pattern with a flag behind it", async () => {
    const text = await (await fetch(`${t.url}/api/openapi.json`)).text()
    const token = JSON.parse(text).paths['/api/device/token'].post.responses['400']
    expect(token.content['application/json'].schema.anyOf).toEqual([
      { $ref: '#/components/schemas/DeviceTokenRefused' },
      { $ref: '#/components/schemas/ErrorBody' }
    ])
    expect(text).not.toMatch(/"pattern":"[^"]*\/u"/)
  })
})

describe('what is described is what is done', () => {
  test('no body where one must be: refused, and nothing is cleared', async () => {
    await t.local('PUT', '/admin/api/users/ada/limits', { key: { requests_per_minute: 7 } })
    expect(await refused('PUT', '/admin/api/users/ada/limits')).toMatchObject({
      status: 400,
      message: 'the request has no body'
    })
    expect(await t.local('GET', '/admin/api/users/ada/limits')).toMatchObject({
      set: { key: { requests_per_minute: 7 } }
    })
  })

  test.each([5e-324, 1e-10, 0.0000004])(
    '%d credits are none: refused where an amount is asked for',
    async (credits) => {
      const grant = { body: JSON.stringify({ username: 'ada', credits }) }
      expect(await refused('POST', '/admin/api/credits/grant', grant)).toMatchObject({ status: 400 })
      const take = { body: JSON.stringify({ username: 'ada', kind: 'adjust', credits, reason: 'a slip' }) }
      expect(await refused('POST', '/admin/api/credits/take', take)).toMatchObject({ status: 400 })
      const session = { body: JSON.stringify({ label: 'run', cap: credits }), token: t.key }
      expect(await refused('POST', '/api/keys/self/sessions', session)).toMatchObject({ status: 400 })
      // 0 would be no limit at all.
      const key = { body: JSON.stringify({ name: 'small', quota: credits }) }
      expect(await refused('POST', '/api/keys?username=ada', key)).toMatchObject({ status: 400 })
      expect((await t.balance()).balance).toBe(100)
    }
  )

  test('a browser session, which is no key, derives no session keys', async () => {
    const { access_token: token } = await person(t).register()
    const ask = { body: JSON.stringify({ label: 'run', cap: 1 }), token }
    expect(await refused('POST', '/api/keys/self/sessions', ask)).toMatchObject({ status: 403, code: 'scope' })
    expect(await refused('GET', '/api/keys/self/sessions', { token })).toMatchObject({ status: 403, code: 'scope' })
  })

  test('odd texts in bodies and addresses are refused or not found', async () => {
    const bytes = Uint8Array.from([...Buffer.from('{"name":"'), 0xff, 0xfe, ...Buffer.from('","scope":"none"}')])
    expect((await refused('POST', '/api/keys', { body: bytes })).status).toBe(400)
    expect((await refused('POST', '/api/keys', { body: '{"name":"x","quota":1e999}' })).status).toBe(400)
    expect((await refused('POST', '/api/keys', { body: '{}', headers: { 'content-type': '' } })).status).toBe(415)
    for (const id of ['%00', '%ff%fe', '%ED%A0%80', '%'])
      expect((await refused('GET', `/api/receipts/${id}`, { token: t.key })).status).toBe(404)
  })
})
