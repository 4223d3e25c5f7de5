import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/testing/server.js'

const ARCHIVE = '/releases/1.2.3/caicaini-1.2.3-linux-x64.tar.gz'
let dir: string
let t: TestServer

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'caicaini-releases-'))
  mkdirSync(join(dir, '1.2.3'))
  writeFileSync(join(dir, 'install'), "base_url='@BASE_URL@'\n")
  writeFileSync(join(dir, 'install.ps1'), "$baseUrl = '@BASE_URL@'\n")
  writeFileSync(join(dir, 'manifest.json'), '{}')
  writeFileSync(join(dir, 'secret.pem'), 'no')
  writeFileSync(join(dir, '1.2.3/SHA256SUMS'), '')
  writeFileSync(join(dir, '1.2.3/caicaini-1.2.3-linux-x64.tar.gz'), '0123456789')
  t = await createTestServer({ env: { CAICAINI_RELEASES: dir } })
})
afterEach(async () => {
  await t.close()
  rmSync(dir, { recursive: true, force: true })
})

/** With the path as it is: fetch would tidy it first. */
function getRaw(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(t.url), { path, headers }, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve({ status: answer.statusCode ?? 0, text })
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('the installers', () => {
  test.each([
    ['/install', (url: string) => `base_url='${url}'\n`],
    ['/install.ps1', (url: string) => `$baseUrl = '${url}'\n`]
  ])('%s has the address in it that it was asked at', async (path, text) => {
    const answer = await fetch(t.url + path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; charset=utf-8/i)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).toBe(text(t.url))
    const named = await getRaw(path, { host: 'llm.example.org:8080' })
    expect(named.text).toBe(text('http://llm.example.org:8080'))
  })

  test.each(["a'; rm -rf ~; '", '$(id)', 'a b', 'x/../y', 'x@y', '`id`'])('a host of %s gets nowhere', async (host) => {
    const { text } = await getRaw('/install', { host })
    expect(text).not.toContain(host)
  })

  test('the configured address wins, and may be cached', async () => {
    const other = await createTestServer({
      env: { CAICAINI_RELEASES: dir, CAICAINI_PUBLIC_URL: "https://llm.example.org/it's" }
    })
    const answer = await fetch(`${other.url}/install`)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    expect(await answer.text()).toBe("base_url='https://llm.example.org/it%27s'\n")
    await other.close()
  })
})

describe('release files', () => {
  test('are served with type, length and a tag that spares a second download', async () => {
    const answer = await fetch(t.url + ARCHIVE)
    expect(await answer.text()).toBe('0123456789')
    const { headers } = answer
    expect(headers.get('content-type')).toBe('application/gzip')
    expect(headers.get('content-length')).toBe('10')
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    const again = await fetch(t.url + ARCHIVE, { headers: { 'if-none-match': headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
    const head = await fetch(t.url + ARCHIVE, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
    expect((await fetch(`${t.url}/releases/1.2.3/SHA256SUMS`)).status).toBe(200)
  })

  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', null],
    ['bytes=0-1,3-4', 200, '0123456789', null]
  ])('range %s', async (range, status, text, told) => {
    const answer = await fetch(t.url + ARCHIVE, { headers: { range } })
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([status, text, told])
  })

  test('a range of another state of the file is not given', async () => {
    const answer = await fetch(t.url + ARCHIVE, { headers: { range: 'bytes=2-4', 'if-range': '"old"' } })
    expect([answer.status, await answer.text()]).toEqual([200, '0123456789'])
  })

  test.each([
    '/releases/secret.pem',
    '/releases/../secret.pem',
    '/releases/1.2.3/../secret.pem',
    '/releases/1.2.3%2f..%2fsecret.pem',
    '/releases/1.2.3/..%2f..%2fetc%2fpasswd',
    '/releases/%2e%2e/%2e%2e/etc/passwd',
    '/releases//etc/passwd',
    '/releases/1.2.3/',
    '/releases/1.2.3',
    '/releases/',
    '/releases/9.9.9/SHA256SUMS',
    '/releases/install'
  ])('%s is not one', async (path) => {
    expect(await getRaw(path)).toMatchObject({ status: 404, text: expect.not.stringContaining('root:') })
  })
})

test('without releases the answer says how there come to be some', async () => {
  const empty = await createTestServer()
  for (const path of ['/install', '/install.ps1', '/releases/manifest.json']) {
    const answer = await fetch(empty.url + path)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('npm run release -- --serve DIR')
  }
  await empty.close()
})
