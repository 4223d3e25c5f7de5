import { createClosing } from './closing/service.js'
import { conversationFiles } from './conversations/export.js'
import { createConversations } from './conversations/service.js'
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

/** More than any person does. */
const EVENTS_MAX = 10_000

export interface LeavingPartsDeps extends Pick<World, 'clock' | 'log'> {
  readonly db: Db
  readonly ids: Ids
  readonly keys: Keys
  readonly ledger: Ledger
  readonly operatorLog: OperatorLog
  readonly site: Site
  readonly vault: Vault
  readonly mail: Mail
  /** Looks for streams that must stop. */
  readonly onStopped: () => void
  readonly people: ReturnType<typeof buildIdentityParts>
}

/** What people keep here, how they leave, and what is tidied up behind them. */
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
  onStopped,
  people
}: LeavingPartsDeps) {
  const { sessions, identity, devices, throttle, links, sweepCaptcha } = people
  const { record } = operatorLog
  const conversations = createConversations({ db, clock, ids, log, vault })
  const closing = createClosing({
    db,
    clock,
    log,
    ledger,
    sessions,
    keys,
    trailYears: site.trailYears,
    record,
    onStopped,
    onClosed: async (tx, { accountId }) => {
      await conversations.removeAllIn(tx, accountId)
      await mail.enqueueIn(tx, { kind: 'closure', accountId, data: { atMs: clock.nowMs() } })
    }
  })
  const events = async (accountId: string) =>
    (await operatorLog.list({ concerns: accountId, limit: EVENTS_MAX })).map((event) => eventCells(event, accountId))
  const filesOf = accountFiles({
    identity,
    keys,
    sessions,
    ledger,
    events,
    chats: conversationFiles(conversations.reads)
  })
  const exports = createExports({ db, clock, ids, log, filesOf })
  const dataRequests = createDataRequests({ db, clock, ids, vault, record })
  const sweeps = [closing, exports, sessions, devices, throttle, links].map(({ sweep }) => sweep)
  return {
    closing,
    exports,
    conversations,
    dataRequests,
    upkeep: createUpkeep({ clock, log, sweeps: [...sweeps, sweepCaptcha] })
  }
}

/** A line of the log as a row of a table: what others did is told without who they are and what they noted. */
function eventCells({ id, atMs, actorId, action, detail, address }: OperatorEvent, accountId: string) {
  const isOwn = actorId === accountId
  return {
    id,
    at: new Date(atMs).toISOString(),
    by: isOwn ? 'you' : 'operator',
    action,
    from: isOwn ? address : null,
    detail: JSON.stringify(isOwn ? detail : { reason: detail.reason })
  }
}
