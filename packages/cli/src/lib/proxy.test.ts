import { expect, test } from 'vitest'
import { pastProxy, proxyOf } from './proxy.js'

const HTTPS_PROXY = 'http://proxy:3128'
const of = (url: string, env: Record<string, string>) => proxyOf(new URL(url), env)

test('a proxy is used where one is named, and never for this machine', () => {
  expect(of('https://caicaini.com', {})).toBeUndefined()
  expect(of('https://caicaini.com', { NO_PROXY: 'x' })).toBeUndefined()
  expect(of('https://caicaini.com', { HTTPS_PROXY, NO_PROXY: 'x', HOME: '/' })).toEqual({ HTTPS_PROXY, NO_PROXY: 'x' })
  for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])
    expect(of(`http://${host}:8787`, { HTTPS_PROXY })).toBeUndefined()
})

test('a child reaches a port of this machine past the proxy', () => {
  const here = new URL('http://127.0.0.1:8787')
  expect(pastProxy(here, {})).toEqual({})
  expect(pastProxy(new URL('https://caicaini.com'), { HTTPS_PROXY })).toEqual({})
  const NO_PROXY = 'corp,localhost,127.0.0.1,::1'
  expect(pastProxy(here, { HTTPS_PROXY, no_proxy: 'corp' })).toEqual({ NO_PROXY, no_proxy: NO_PROXY })
})
