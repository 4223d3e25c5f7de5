import type { Accounts } from './accounts/service.js'
import { captchaOff } from './captcha/captcha.js'
import type { Config } from './config.js'
import { createDevices } from './device/service.js'
import { createIdentity } from './identity/service.js'
import type { Keys, KeysDeps } from './keys/service.js'
import type { Ids } from './lib/ids.js'
import type { OperatorLog } from './operator-log/service.js'
import type { World } from './parts.js'
import { createPasswords } from './passwords/hash.js'
import type { Vault } from './secrets/vault.js'
import { createBrowserSessions } from './sessions/service.js'
import { createSite } from './site/site.js'
import type { Db } from './storage/tables.js'
import { createThrottle } from './throttle/service.js'

export interface IdentityPartsDeps extends Pick<World, 'clock' | 'random'> {
  readonly config: Config
  readonly db: Db
  readonly vault: Vault
  readonly ids: Ids
  readonly accounts: Accounts
  readonly keys: Keys
  readonly operatorLog: OperatorLog
}

export type IdentityParts = ReturnType<typeof buildIdentityParts>

/** Who people are, and how they prove it. */
export function buildIdentityParts({
  config,
  vault,
  db,
  clock,
  random,
  ids,
  accounts,
  keys,
  operatorLog
}: IdentityPartsDeps) {
  const site = createSite(config.site)
  const throttle = createThrottle({ db, clock })
  const { record } = operatorLog
  const sessions = createBrowserSessions({
    db,
    clock,
    ids,
    random,
    vault,
    appealContact: config.site.appealContact,
    onReuse: (tx, { accountId, id }) =>
      record(tx, { actorId: accountId, action: 'session.reuse', subject: accountId, detail: { session: id } })
  })
  const passwords = createPasswords({ random })
  const captcha = captchaOff
  const identity = createIdentity({
    db,
    clock,
    vault,
    site,
    captcha,
    throttle,
    passwords,
    accounts,
    sessions,
    record,
    secondFactor: async () => null,
    onRegistered: async () => undefined,
    onSignedIn: async () => undefined
  })
  const devices = createDevices({ db, clock, ids, random, vault, site, throttle, keys, record })
  /** What owners are told of their keys, in the transaction that found it out. */
  const keyMail: Pick<KeysDeps, 'onOldKey' | 'onKeyLeaked'> = {
    onOldKey: async () => undefined,
    onKeyLeaked: async () => undefined
  }
  return { ...keyMail, devices, vault, site, throttle, sessions, passwords, captcha, identity, randomness: random }
}
