import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { Db, Tx } from '../storage/tables.js'
import { insertFlag } from './store.js'

export interface RaisingDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Puts flags into the operators' queue, of an account and a kind one a day. */
export function createRaising({ db, clock, ids, log }: RaisingDeps) {
  /** What was raised today, so that the database is not asked at each request. */
  const raised = new Set<string>()
  let raisedOn = ''

  async function raiseIn(tx: Tx, account_id: string, kind: string, evidence: object): Promise<void> {
    const nowMs = clock.nowMs()
    const day = new Date(nowMs).toISOString().slice(0, 10)
    const row = { id: ids.next('flag'), account_id, kind, day, evidence: JSON.stringify(evidence) }
    await insertFlag(tx, { ...row, state: 'open', at_ms: BigInt(nowMs), decided_at_ms: null, decided_by: null })
  }

  return {
    raiseIn,

    /** Beside what showed it: nothing waits for it or fails by it. */
    raise(accountId: string, kind: string, evidence: object): void {
      const today = new Date(clock.nowMs()).toISOString().slice(0, 10)
      if (raisedOn !== today) raised.clear()
      raisedOn = today
      if (raised.has(`${accountId}:${kind}`)) return
      raised.add(`${accountId}:${kind}`)
      db.transaction()
        .execute((tx) => raiseIn(tx, accountId, kind, evidence))
        .catch((error) => log.warn({ account: accountId, kind, error: String(error) }, 'could not raise a flag'))
    }
  }
}
