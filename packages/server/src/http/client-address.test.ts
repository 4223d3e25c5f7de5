import { describe, expect, test } from 'vitest'
import { clientAddress, parseTrustedProxies } from './client-address.js'

const loopback = parseTrustedProxies()
const from = (peer: string | undefined, forwardedFor?: string, trusted = loopback) =>
  clientAddress({ peer, forwardedFor }, trusted)

describe('clientAddress', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['127.0.0.1', null],
    ['::1', null],
    ['::ffff:127.0.0.1', null],
    [undefined, null],
    ['', null]
  ])('a peer %s without a proxy is %s', (peer, address) => {
    expect(from(peer)).toBe(address)
  })

  test('a peer that is no proxy of ours may say what it likes', () => {
    expect(from('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7')
  })

  test.each([
    ['198.51.100.1', '198.51.100.1'],
    // The client wrote the first itself.
    ['1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['198.51.100.1, 127.0.0.1', '198.51.100.1'],
    ['198.51.100.1,::1,::ffff:127.0.0.9', '198.51.100.1'],
    ['198.51.100.1:4711', '198.51.100.1'],
    ['[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['198.51.100.1, unknown', null],
    ['127.0.0.1', null],
    ['', null]
  ])('behind a proxy on this machine, %j is %s', (forwardedFor, address) => {
    expect(from('127.0.0.1', forwardedFor)).toBe(address)
    expect(from('::1', forwardedFor)).toBe(address)
  })

  test('proxies elsewhere are those that are named', () => {
    const trusted = parseTrustedProxies('10.0.0.0/8, 2001:db8:ffff::/48')
    expect(from('10.1.2.3', '198.51.100.1, 10.9.9.9', trusted)).toBe('198.51.100.1')
    expect(from('2001:db8:ffff::7', '198.51.100.1', trusted)).toBe('198.51.100.1')
    expect(from('11.1.2.3', '198.51.100.1', trusted)).toBe('11.1.2.3')
    expect(from('127.0.0.1', '198.51.100.1', trusted)).toBeNull()
  })
})

test.each(['10.0.0.0/33', 'example.com', '10.0.0.0/', '10.0.0.0/8/9', '10.0.0', '1.2.3.4,,5.6.7.8'])(
  '%j is no list of proxies, and the bad entry is named',
  (text) => {
    expect(() => parseTrustedProxies(text)).toThrow(/^"[^"]*" is no address or CIDR such as 10\.0\.0\.0\/8 or ::1$/)
  }
)
