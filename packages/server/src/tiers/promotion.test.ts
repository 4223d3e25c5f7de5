import { expect, test } from 'vitest'
import defaultCatalog from '../catalog/default-catalog.json' with { type: 'json' }
import { promotedTier } from './promotion.js'

const { tiers } = defaultCatalog
const usd = (dollars: number) => BigInt(Math.round(dollars * 1e9))

test.each([
  ['free', 0, undefined],
  ['free', 0.009, undefined],
  ['free', 0.01, 'pay_as_you_go'],
  ['free', 499.99, 'pay_as_you_go'],
  ['free', 500, 'high_volume'],
  ['pay_as_you_go', 20, undefined],
  ['pay_as_you_go', 500, 'high_volume'],
  ['high_volume', 1_000_000, undefined],
  ['high_volume', 1, undefined],
  ['enterprise', 500, undefined],
  ['no-such-tier', 500, undefined]
])('%s with US$ %f paid becomes %s', (tier, paid, promoted) => {
  expect(promotedTier(tiers, { tier, toppedUp: usd(paid) })).toBe(promoted)
})
