import { AppError, formatCredits } from '@caicaini/protocol'
import { outranks } from '../admin/roles.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Db, Tx } from '../storage/tables.js'
import { insertStanding, readHistory, readInactive, readSubject, setReason, setStatus } from './store.js'

export interface StandingDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly ledger: Pick<Ledger, 'takeIn'>
  readonly sessions: Pick<BrowserSessions, 'endIn'>
  readonly operatorLog: OperatorLog
  /** Told, in the transaction, that accounts stop or go on: what this process remembers and streams is looked at anew. */
  readonly onChanged: () => void
  /** Told of each suspension in its transaction: a mail says so. */
  readonly onSuspended: (tx: Tx, suspension: { accountId: string; reason: string }) => Promise<void>
}

export interface Decision {
  /** A ban is a suspension that is meant to stay. */
  readonly kind: 'suspend' | 'ban'
  /** What the account is told. */
  readonly reason: string
  /** For operators alone. */
  readonly note?: string | undefined
  /** Takes all credits that no request under way holds. */
  readonly forfeit?: boolean | undefined
}

/** Who decides; null is the server itself. */
export type Decider = { readonly id: string; readonly username: string; readonly role: string } | null

/** What was decided of an account, as operators see it. */
export interface PastDecision {
  readonly id: string
  readonly kind: 'suspend' | 'ban' | 'lift'
  readonly reason: string
  readonly note: string | null
  readonly by: string | null
  readonly atMs: number
}

export type Standing = ReturnType<typeof createStanding>

/** Whether accounts may act: suspended, banned, let in again. What was decided is never deleted. */
export function createStanding(deps: StandingDeps) {
  const { db, clock, ids, ledger, sessions, operatorLog, onChanged } = deps

  async function find(tx: Tx, which: Parameters<typeof readSubject>[1], by: Decider) {
    const subject = await readSubject(tx, which)
    if (!subject) throw new AppError('not_found', 'username: there is no such account')
    if (by && (!outranks(by, subject) || by.id === subject.id))
      throw new AppError('scope', `username: "${subject.username}" is not yours to decide on`)
    if (subject.status === 'closed') throw new AppError('conflict', `username: "${subject.username}" is closed`)
    return subject
  }

  async function put(
    tx: Tx,
    row: { accountId: string; kind: string; reason: string; note?: string | undefined; by: Decider }
  ) {
    const { accountId: account_id, kind, reason, note = null, by } = row
    const at_ms = BigInt(clock.nowMs())
    const id = ids.next('std')
    await insertStanding(tx, { id, account_id, kind, reason, note, by_account_id: by?.id ?? null, at_ms })
    return id
  }

  /**
   * Stops an account, in a caller's transaction: sessions end, keys are refused, answers under way stop within a second.
   * What was delivered is billed. For payments that were taken back, too: `by` is null there.
   */
  async function suspendIn(
    tx: Tx,
    which: Parameters<typeof readSubject>[1],
    { decision, by }: { decision: Decision; by: Decider }
  ): Promise<{ accountId: string; forfeited: bigint }> {
    const { kind, reason, note, forfeit = false } = decision
    const subject = await find(tx, which, by)
    const { id: accountId, username, status } = subject
    if (!(await setStatus(tx, accountId, { from: 'active', to: 'suspended', reason })))
      await setReason(tx, accountId, reason)
    const id = await put(tx, { accountId, kind, reason, note, by })
    await sessions.endIn(tx, { accountId }, kind)
    const taken = forfeit ? await takeAll(tx, { accountId, id, reason, by }) : 0n
    await operatorLog.record(tx, {
      actorId: by?.id ?? accountId,
      action: `user.${kind}`,
      subject: username,
      detail: {
        reason,
        ...(note !== undefined && { note }),
        ...(by === null && { by: 'server' }),
        ...(forfeit && { forfeited: formatCredits(taken).replaceAll(',', '') })
      },
      was: { status, reason: subject.standing_reason },
      became: { status: 'suspended', reason }
    })
    await deps.onSuspended(tx, { accountId, reason })
    onChanged()
    return { accountId, forfeited: taken }
  }

  async function takeAll(
    tx: Tx,
    { accountId, id, reason, by }: { accountId: string; id: string; reason: string; by: Decider }
  ) {
    const detail = { by: by?.username ?? 'server', reason }
    const taking = { kind: 'forfeit', accountId, amount: null, reference: `standing:${id}`, detail } as const
    return (await ledger.takeIn(tx, taking)).taken
  }

  return {
    suspendIn,

    suspend: (username: string, decision: Decision, by: Decider): Promise<{ forfeited: bigint }> =>
      db.transaction().execute((tx) => suspendIn(tx, { username }, { decision, by })),

    /** Lets an account act again, whatever it was stopped for. Its sessions stay ended. */
    async lift(username: string, { reason, by }: { reason: string; by: Decider }): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const { id: accountId, standing_reason } = await find(tx, { username }, by)
        if (!(await setStatus(tx, accountId, { from: 'suspended', to: 'active', reason: null })))
          throw new AppError('conflict', `username: "${username}" is not suspended`)
        await put(tx, { accountId, kind: 'lift', reason, by })
        await operatorLog.record(tx, {
          actorId: by?.id ?? accountId,
          action: 'user.unsuspend',
          subject: username,
          detail: { reason },
          was: { status: 'suspended', reason: standing_reason },
          became: { status: 'active' }
        })
        onChanged()
      })
    },

    history: (username: string): Promise<PastDecision[]> => readPast(db, username),

    /** Those of these accounts that may not act any more. */
    stoppedAmong: async (accountIds: readonly string[]): Promise<ReadonlySet<string>> =>
      new Set(await readInactive(db, accountIds))
  }
}

/** The newest first. */
async function readPast(db: Db, username: string): Promise<PastDecision[]> {
  const subject = await readSubject(db, { username })
  if (!subject) throw new AppError('not_found', `username: there is no account "${username}"`)
  return (await readHistory(db, subject.id)).map(({ id, kind, reason, note, by, at_ms }) => ({
    id,
    kind: kind as PastDecision['kind'],
    reason,
    note,
    by,
    atMs: Number(at_ms)
  }))
}
