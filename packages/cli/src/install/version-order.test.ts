import { expect, test } from 'vitest'
import { compareVersions, VERSION_PATTERN } from './version-order.js'

test('versions come in the order of semver.org, 11', () => {
  const inOrder = ['0.9.9', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2']
  inOrder.push('1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0')
  for (const [i, a] of inOrder.entries()) {
    for (const [j, b] of inOrder.entries()) expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).toBe(Math.sign(i - j))
  }
})

test.each(['1', '1.2', '1.2.3.4', 'v1.2.3', '1.2.3-', '1.2.3-a..b', '../1.2.3', '1.2.3/x', ''])(
  '%o is none',
  (text) => {
    expect(VERSION_PATTERN.test(text)).toBe(false)
  }
)
