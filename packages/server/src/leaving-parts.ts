import { createClosing } from './closing/service.js'
import { createDataRequests } from './data-requests/service.js'
import { accountFiles } from './exports/account-files.js'
import { createExports } from './exports/service.js'
import type { buildIdentityParts } from './identity-parts.js'
import type { Keys } from './keys/service.js'
import type { Ledger } from './ledger/service.js'
import type { Ids } from './lib/ids.js'
import { createUpkeep } from './lib/upkeep.js'
import type { Mail } from './mail/service.js'
import type { OperatorEvent, OperatorLog } from './operator-log/service.js'
import type { World } from './parts.js'
import type { Vault } from './secrets/vault.js'
import type { Site } from './site/site.js'
import type { Db } from './storage/tables.js'

export interface LeavingPartsDeps extends Pick<World, 'clock' | 'log'> {
  readonly db: Db
  readonly ids: Ids
  readonly keys: Keys
  readonly ledger: Ledger
  readonly operatorLog: OperatorLog
  readonly site: Site
  readonly vault: Vault
  readonly mail: Mail
  readonly people: ReturnType<typeof buildIdentityParts>
}

/** How people leave, and what is tidied up behind them. */
export function buildLeavingParts({
  db,
  clock,
  log,
  ids,
  keys,
  ledger,
  operatorLog,
  site,
  vault,
  mail,
  people
}: LeavingPartsDeps) {
  const { sessions, identity, devices, throttle, links, sweepCaptcha } = people
  const { record } = operatorLog
  const closing = createClosing({
    db,
    clock,
    log,
    ledger,
    sessions,
    keys,
    trailYears: site.trailYears,
    record,
    onClosed: async (tx, { accountId }) =>
      void (await mail.enqueueIn(tx, { kind: 'closure', accountId, data: { atMs: clock.nowMs() } }))
  })
  const events = async (accountId: string) => (await operatorLog.ofAccount(accountId)).map(eventCells)
  const filesOf = accountFiles({ identity, keys, sessions, ledger, events })
  const exports = createExports({ db, clock, ids, log, filesOf })
  const dataRequests = createDataRequests({ db, clock, ids, vault, record })
  const sweeps = [closing, exports, sessions, devices, throttle, links].map(({ sweep }) => sweep)
  return { closing, exports, dataRequests, upkeep: createUpkeep({ clock, log, sweeps: [...sweeps, sweepCaptcha] }) }
}

/** A line of the log as a row of a table. */
function eventCells({ id, atMs, actor, action, subject, detail }: OperatorEvent) {
  return { id, at: new Date(atMs).toISOString(), actor, action, subject, detail: JSON.stringify(detail) }
}
