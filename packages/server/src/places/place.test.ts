import { expect, test } from 'vitest'
import { countryOf, placeText } from './place.js'

test.each([
  // By the registries: RIPE's own, APNIC's DNS, and Google's.
  ['193.0.6.139', 'Netherlands'],
  ['2001:67c:2e8:22::c100:68b', 'Netherlands'],
  ['2001:67c:2e8:22::/64', 'Netherlands'],
  ['8.8.8.8', 'United States']
])('%s is in %s', (address, country) => {
  expect(countryOf(address)).toBe(country)
})

test.each(['127.0.0.1', '10.0.0.1', '::1', 'fd00::1', '192.0.2.7', '', 'nonsense', '999.1.1.1'])(
  '%o has no country',
  (address) => {
    expect(countryOf(address)).toBeUndefined()
  }
)

test('a place is an address, and a country where it is known', () => {
  expect(placeText('193.0.6.139')).toBe('193.0.6.139, Netherlands')
  expect(placeText('10.0.0.1')).toBe('10.0.0.1')
  expect(placeText(null)).toBe('this machine')
})
