import { NO_LABELS, type Principal } from '../keys/key.js'

/** A customer with a plain key, for what is tested without a server. */
export function testPrincipal({ accountId, keyId }: { accountId: string; keyId: string }): Principal {
  return {
    account: {
      id: accountId,
      username: 'ada',
      role: 'user',
      plan: 'pro',
      tier: 'free',
      status: 'active',
      standingReason: null,
      limits: null
    },
    key: {
      id: keyId,
      name: 'k',
      scope: 'api',
      hint: '',
      status: 'active',
      parentId: null,
      quota: 0n,
      quotaPeriod: 'life',
      quotaUsed: 0n,
      createdAtMs: 0,
      lastUsedAtMs: null,
      labels: NO_LABELS,
      rotatedAtMs: null,
      formerUntilMs: null,
      expiresAtMs: null
    }
  }
}
