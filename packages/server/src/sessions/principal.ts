import { AppError } from '@caicaini/protocol'
import { NO_LABELS, type Principal, refuseDead } from '../keys/key.js'
import type { BrowserSessions } from './service.js'
import type { Session } from './session.js'
import { isAccessToken } from './tokens.js'

/** Who an access token speaks for; undefined for a text that is none. Throws where its session is over. */
export function findSessionPrincipal(sessions: Pick<BrowserSessions, 'find'>, appealContact?: string) {
  return (text: string): Promise<Principal> | undefined => (isAccessToken(text) ? find(text) : undefined)

  async function find(text: string): Promise<Principal> {
    const session = await sessions.find(text)
    if (!session) throw new AppError('signed_out', 'this session is over: sign in again, or refresh it')
    const principal = principalOf(session)
    refuseDead(principal, appealContact)
    return principal
  }
}

/** A browser session has no key: what stands in its place names the session. */
export function principalOf(session: Session): Principal {
  const { id, createdAtMs, account } = session
  return {
    session,
    account,
    key: {
      id,
      name: 'browser',
      scope: 'web',
      hint: '',
      status: 'active',
      parentId: null,
      quota: 0n,
      quotaPeriod: 'life',
      quotaUsed: 0n,
      expiresAtMs: null,
      createdAtMs,
      rotatedAtMs: null,
      formerUntilMs: null,
      lastUsedAtMs: null,
      labels: NO_LABELS
    }
  }
}
