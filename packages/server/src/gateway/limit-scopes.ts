import type { Catalog } from '../catalog/catalog.js'
import { ceilingOf, tierOf } from '../catalog/entitlements.js'
import type { Principal } from '../keys/key.js'
import type { LimitAsk } from '../limits/limiter.js'

/** The id that a principal's requests are counted under: many session keys have no more than their parent. */
export function limitKeyOf({ key }: Principal): string {
  return key.parentId ?? key.id
}

/** Whose limits a request meets, and the name of the tier that its answer tells. */
export function limitScopes(
  catalog: Catalog,
  principal: Principal
): { readonly tier: string } & Pick<LimitAsk, 'keyId' | 'limits' | 'account'> {
  const { account } = principal
  const { name: tier, limits } = tierOf(catalog, account)
  return {
    tier,
    keyId: limitKeyOf(principal),
    limits,
    account: { id: account.id, limits: ceilingOf(catalog, account) }
  }
}
