import { AppError } from '@caicaini/protocol'
import type { Keys } from '../keys/service.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Db, Tx } from '../storage/tables.js'
import { anonymise, closeAccount, insertClosure, purge, readLeftOver, readToAnonymise, readToPurge } from './store.js'

const DAY_MS = 86_400_000
/** A month at most is what was promised; the job runs within the day. */
const ANONYMISED_AFTER_MS = 29 * DAY_MS
/** Days of a year, leap years counted in. */
const YEAR_MS = 365.25 * DAY_MS
const AT_ONCE_MAX = 100

export interface ClosingDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly ledger: Pick<Ledger, 'takeIn' | 'balance'>
  readonly sessions: Pick<BrowserSessions, 'endIn'>
  readonly keys: Pick<Keys, 'revokeAllIn' | 'forget'>
  /** Years that what was paid and used is kept after an account was closed. */
  readonly trailYears: number
  readonly record: (
    tx: Tx,
    event: { actorId: string; action: string; subject: string; detail?: { readonly [name: string]: unknown } }
  ) => Promise<void>
  /** Told once it is closed: its streams stop. */
  readonly onStopped: () => void
  /** Told in the transaction that closes it: a mail says so. */
  readonly onClosed: (tx: Tx, account: { accountId: string }) => Promise<void>
}

export type Closing = ReturnType<typeof createClosing>

/** Closing an account for good: at once in every respect that its owner notices, then trace by trace. */
export function createClosing(deps: ClosingDeps) {
  const { db, clock, log, ledger, sessions, keys, trailYears, record, onClosed } = deps

  /** What is left is forfeited, as its owner was told before. What is held follows when it comes back. */
  async function forfeitIn(tx: Tx, accountId: string, reference: string): Promise<bigint> {
    const detail = { reason: 'account closed' }
    const { taken } = await ledger.takeIn(tx, { kind: 'forfeit', accountId, amount: null, reference, detail })
    return taken
  }

  async function sweepOne(accountId: string, work: (tx: Tx) => Promise<void>, what: string): Promise<void> {
    await db
      .transaction()
      .execute(work)
      .catch((error) => log.error({ account_id: accountId, error: String(error) }, `could not ${what}; trying again`))
  }

  return {
    /** Micro-credits that closing would forfeit now. */
    async preview(accountId: string): Promise<{ forfeits: bigint }> {
      return { forfeits: (await ledger.balance(accountId)).balance }
    },

    /** 409 for the owner of the data, who cannot leave, and for an account that is closed. */
    async close(accountId: string): Promise<{ forfeited: bigint }> {
      const forfeited = await db.transaction().execute(async (tx) => {
        if (!(await closeAccount(tx, accountId)))
          throw new AppError('conflict', 'account: it is closed already, or is the owner of this server')
        await insertClosure(tx, accountId, clock.nowMs())
        await onClosed(tx, { accountId })
        await sessions.endIn(tx, { accountId }, 'closed')
        await keys.revokeAllIn(tx, accountId)
        const taken = await forfeitIn(tx, accountId, 'closing')
        await record(tx, {
          actorId: accountId,
          action: 'account.close',
          subject: accountId,
          detail: { forfeited: String(taken) }
        })
        return taken
      })
      keys.forget()
      deps.onStopped()
      return { forfeited }
    },

    /** Takes away what may no longer be here. */
    async sweep(): Promise<void> {
      const nowMs = clock.nowMs()
      for (const { account_id: id } of await readLeftOver(db)) {
        await sweepOne(id, async (tx) => void (await forfeitIn(tx, id, `closing:${nowMs}`)), 'forfeit what was left')
      }
      for (const { account_id: id } of await readToAnonymise(db, nowMs - ANONYMISED_AFTER_MS, AT_ONCE_MAX)) {
        await sweepOne(id, (tx) => anonymise(tx, id, { username: nameOf(id), nowMs }), 'anonymise a closed account')
      }
      for (const { account_id: id } of await readToPurge(db, nowMs - trailYears * YEAR_MS, AT_ONCE_MAX)) {
        await sweepOne(id, (tx) => purge(tx, id, nowMs), 'delete the trail of a closed account')
      }
    }
  }
}

/** What a closed account is called: nobody can choose that, and it says nothing of anybody. */
function nameOf(accountId: string): string {
  return `closed.${accountId.slice(-20)}`
}
