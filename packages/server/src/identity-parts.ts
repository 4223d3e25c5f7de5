import type { Accounts } from './accounts/service.js'
import { chooseCaptcha } from './captcha/service.js'
import type { Config } from './config.js'
import { createLinks } from './identity/links.js'
import { createIdentity } from './identity/service.js'
import type { Ids } from './lib/ids.js'
import type { buildMailParts } from './mail-parts.js'
import type { OperatorLog } from './operator-log/service.js'
import type { World } from './parts.js'
import { createPasswords } from './passwords/hash.js'
import { createPwned } from './passwords/pwned.js'
import { createBrowserSessions } from './sessions/service.js'
import type { Db } from './storage/tables.js'
import { createThrottle } from './throttle/service.js'

export interface IdentityPartsDeps
  extends Pick<World, 'clock' | 'random' | 'log' | 'fetch'>,
    ReturnType<typeof buildMailParts> {
  readonly config: Config
  readonly db: Db
  readonly ids: Ids
  readonly accounts: Accounts
  readonly operatorLog: OperatorLog
  readonly forgetKeys: () => void
}

/** Who people are, and how they prove it. */
export function buildIdentityParts(deps: IdentityPartsDeps) {
  const { config, db, clock, random, vault, site, mail } = deps
  const throttle = createThrottle({ db, clock })
  const { record } = deps.operatorLog
  const sessions = createBrowserSessions({
    ...deps,
    onReuse: (tx, { accountId, id }) =>
      record(tx, { actorId: accountId, action: 'session.reuse', subject: accountId, detail: { session: id } })
  })
  const passwords = createPasswords({ random, ...(config.asksPwned && { isPwned: createPwned(deps) }) })
  const chosen = chooseCaptcha({ ...deps, kind: site.captcha, keys: config.captcha })
  const { captcha } = chosen
  const links = createLinks({ db, clock, random })
  const identity = createIdentity({
    ...deps,
    captcha,
    throttle,
    passwords,
    sessions,
    links,
    record,
    secondFactor: async () => null,
    onSignedIn: async (tx, { accountId, visitor }) => {
      if (!(await sessions.isNewOriginIn(tx, accountId, visitor))) return
      const { agent, address } = visitor
      await mail.enqueueIn(tx, { kind: 'sign_in', accountId, data: { agent, address, atMs: clock.nowMs() } })
    }
  })
  /** Rows that nobody needs any more. */
  const sweepIdentity = async () => {
    for (const { sweep } of [throttle, sessions, links]) await sweep()
    await chosen.sweepCaptcha()
  }
  return { vault, site, throttle, sessions, passwords, links, ...chosen, identity, sweepIdentity, randomness: random }
}
