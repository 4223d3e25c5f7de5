import type { Accounts } from './accounts/service.js'
import { captchaOff } from './captcha/captcha.js'
import { createClosing } from './closing/service.js'
import type { Config } from './config.js'
import { createDataRequests } from './data-requests/service.js'
import { createDevices } from './device/service.js'
import { accountFiles } from './exports/account-files.js'
import { createExports } from './exports/service.js'
import { createIdentity } from './identity/service.js'
import type { Keys } from './keys/service.js'
import type { Ledger } from './ledger/service.js'
import type { Ids } from './lib/ids.js'
import { createUpkeep } from './lib/upkeep.js'
import type { OperatorEvent, OperatorLog } from './operator-log/service.js'
import type { World } from './parts.js'
import { createPasswords } from './passwords/hash.js'
import { loadDataKeys } from './secrets/data-key.js'
import { createVault } from './secrets/vault.js'
import { createBrowserSessions } from './sessions/service.js'
import { createSite } from './site/site.js'
import type { Db } from './storage/tables.js'
import { createThrottle } from './throttle/service.js'

export interface IdentityPartsDeps extends Pick<World, 'clock' | 'random' | 'log'> {
  readonly config: Config
  readonly db: Db
  readonly ids: Ids
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly keys: Keys
  readonly operatorLog: OperatorLog
}

/** Who people are, and how they prove it. */
export function buildIdentityParts({
  config,
  db,
  clock,
  random,
  ids,
  accounts,
  keys,
  ledger,
  log,
  operatorLog
}: IdentityPartsDeps) {
  const vault = createVault({ keys: loadDataKeys({ text: config.dataKeys, path: config.dataKeyPath, random }), random })
  const site = createSite(config.site)
  const throttle = createThrottle({ db, clock })
  const { record } = operatorLog
  const sessions = createBrowserSessions({
    db,
    clock,
    ids,
    random,
    vault,
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
  const closing = createClosing({
    db,
    clock,
    log,
    ledger,
    sessions,
    keys,
    passwords,
    trailYears: site.trailYears,
    record,
    onClosed: async () => undefined
  })
  const events = async (accountId: string) => (await operatorLog.ofAccount(accountId)).map(eventCells)
  const exports = createExports({
    db,
    clock,
    ids,
    log,
    filesOf: accountFiles({ identity, keys, sessions, ledger, events })
  })
  const dataRequests = createDataRequests({ db, clock, ids, vault, record })
  const devices = createDevices({ db, clock, ids, random, vault, site, throttle, keys, record })
  const sweeps = [closing.sweep, exports.sweep, sessions.sweep, devices.sweep, throttle.sweep]
  const upkeep = createUpkeep({ clock, log, sweeps })
  return {
    upkeep,
    closing,
    exports,
    dataRequests,
    devices,
    vault,
    site,
    throttle,
    sessions,
    passwords,
    captcha,
    identity,
    randomness: random
  }
}

/** A line of the log as a row of a table. */
function eventCells({ id, atMs, actor, action, subject, detail }: OperatorEvent) {
  return { id, at: new Date(atMs).toISOString(), actor, action, subject, detail: JSON.stringify(detail) }
}
