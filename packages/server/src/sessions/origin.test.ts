import { expect, test } from 'vitest'
import { isNewOrigin } from './origin.js'

const here = { agent: 'Firefox/145.0 (Linux)', address: '192.0.2.7' }

test.each([
  ['the same browser in the same network', { agent: 'Firefox/144.0 (Linux)', address: '192.0.2.99' }, false],
  ['another browser', { agent: 'Chrome/140 (Linux)', address: '192.0.2.7' }, true],
  ['another network', { agent: 'Firefox/145.0 (Linux)', address: '198.51.100.7' }, true],
  ['this machine', { agent: 'Firefox/145.0 (Linux)', address: null }, true]
])('known from %s', (_, before, isNew) => {
  expect(isNewOrigin(here, [here, before])).toBe(isNew)
})

test('networks of IPv6 are /48', () => {
  const at = (address: string) => ({ ...here, address })
  expect(isNewOrigin(at('2001:db8:1:2::/64'), [at('2001:db8:1:2::/64'), at('2001:db8:1:ffff::/64')])).toBe(false)
  expect(isNewOrigin(at('2001:db8:1::5'), [at('2001:db8:1::5'), at('2001:db8:2::5')])).toBe(true)
})

test('browser and network may be known from different sessions', () => {
  const [browser, network] = [
    { agent: here.agent, address: '198.51.100.7' },
    { agent: 'Chrome/140', address: here.address }
  ]
  expect(isNewOrigin(here, [here, browser, network])).toBe(false)
})
