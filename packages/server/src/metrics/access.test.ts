import { expect, test } from 'vitest'
import { mayReadMetrics } from './access.js'

const asker = { local: false, peer: '127.0.0.1', authorization: undefined, forwarded: false }
const TOKEN = 'a-token-of-enough-length'

test.each([
  [{}, true],
  [{ peer: '::1' }, true],
  [{ peer: '::ffff:127.0.0.1' }, true],
  [{ peer: '127.8.8.8' }, true],
  [{ peer: '10.0.0.7' }, false],
  [{ peer: '::ffff:10.0.0.7' }, false],
  [{ peer: undefined }, false],
  [{ peer: undefined, local: true }, true],
  // A proxy on this machine passes on what came from anywhere.
  [{ forwarded: true }, false],
  [{ authorization: 'Bearer whatever', peer: '10.0.0.7' }, false]
])('without a token, programs on this machine: %j', (from, may) => {
  expect(mayReadMetrics({ ...asker, ...from }, undefined)).toBe(may)
})

test.each([
  [{ authorization: `Bearer ${TOKEN}`, peer: '10.0.0.7', forwarded: true }, true],
  [{ authorization: `Bearer ${TOKEN}x` }, false],
  [{ authorization: 'Bearer ' }, false],
  [{}, false],
  [{ local: true }, true]
])('with a token, who brings it: %j', (from, may) => {
  expect(mayReadMetrics({ ...asker, ...from }, TOKEN)).toBe(may)
})
