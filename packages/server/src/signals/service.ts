import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { Db, Tx } from '../storage/tables.js'
import { mailboxOf, type Newcomer, scoreDuplicate, TOLD_FROM } from './duplicates.js'
import { keyPatternOf, networkOf, REFUSED_ANSWERS, signalsOf } from './rules.js'
import {
  decideFlag,
  type FlagRow,
  insertFlag,
  insertWithheld,
  readFlags,
  readKeyNames,
  readRefused,
  readResembling,
  readWithheld,
  releaseWithheld
} from './store.js'
import { createWindows, type Use } from './windows.js'

const HOUR_MS = 3_600_000
/** Letters of a mailbox by which those are found that may be the same one. */
const MAILBOX_START = 3

export interface SignalsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly operatorLog: OperatorLog
  readonly accountId: (username: string) => Promise<string>
  /** The score from which on free credits wait; null: never. */
  readonly withholdFrom: number | null
  /** Whom a person asks whose credits wait. */
  readonly appealContact: string | undefined
  /** Gives what was withheld of this month, in the same transaction. */
  readonly giveFree: (tx: Tx, accountId: string) => Promise<void>
}

export interface KeyRequest extends Omit<Use, 'network'> {
  readonly accountId: string
  readonly address?: string | null
}

export type Signals = ReturnType<typeof createSignals>

/** Signs that somebody abuses the server, each an entry in the operators' queue and nothing more: nobody is stopped by one. */
export function createSignals(deps: SignalsDeps) {
  const { db, clock, ids, log, operatorLog, accountId: idOf, withholdFrom, appealContact, giveFree } = deps
  const windows = createWindows()
  /** What was raised today, so that the database is not asked at each request. */
  const raised = new Set<string>()
  let raisedOn = ''

  async function raiseIn(tx: Tx, account_id: string, kind: string, evidence: object): Promise<void> {
    const nowMs = clock.nowMs()
    const day = new Date(nowMs).toISOString().slice(0, 10)
    const row = { id: ids.next('flag'), account_id, kind, day, evidence: JSON.stringify(evidence) }
    await insertFlag(tx, { ...row, state: 'open', at_ms: BigInt(nowMs), decided_at_ms: null, decided_by: null })
  }

  /** Beside the request that showed it: no request waits for it or fails by it. */
  function raise(accountId: string, kind: string, evidence: object): void {
    const today = new Date(clock.nowMs()).toISOString().slice(0, 10)
    if (raisedOn !== today) raised.clear()
    raisedOn = today
    if (raised.has(`${accountId}:${kind}`)) return
    raised.add(`${accountId}:${kind}`)
    db.transaction()
      .execute((tx) => raiseIn(tx, accountId, kind, evidence))
      .catch((error) => log.warn({ account: accountId, kind, error: String(error) }, 'could not raise a flag'))
  }

  return {
    /** One request of a key. */
    noteRequest({ accountId, address, ...use }: KeyRequest): void {
      const network = address ? networkOf(address) : undefined
      for (const { kind, evidence } of signalsOf(windows.count({ ...use, network }, clock.nowMs())))
        raise(accountId, kind, evidence)
    },

    /** A key was made. */
    async noteKeyIn(tx: Tx, accountId: string): Promise<void> {
      const found = keyPatternOf(await readKeyNames(tx, accountId))
      if (found) await raiseIn(tx, accountId, found.kind, found.evidence)
    },

    /** An account is made: how likely it is somebody's second, and whether its free credits wait for an operator's look. */
    async judgeNewcomerIn(tx: Tx, accountId: string, newcomer: Newcomer): Promise<void> {
      const { base = '', domain = '' } = newcomer.email === null ? {} : mailboxOf(newcomer.email)
      const mailboxStart = base.length > MAILBOX_START ? base.slice(0, MAILBOX_START) : null
      const others = await readResembling(tx, { addressHash: newcomer.addressHash, mailboxStart, domain })
      const { score, reasons } = scoreDuplicate(newcomer, others)
      if (score < TOLD_FROM) return
      const withheld = withholdFrom !== null && score >= withholdFrom
      await raiseIn(tx, accountId, 'duplicate', { score, reasons, credits_withheld: withheld })
      if (!withheld) return
      const at_ms = BigInt(clock.nowMs())
      await insertWithheld(tx, {
        account_id: accountId,
        score: BigInt(score),
        reasons: JSON.stringify(reasons),
        at_ms,
        released_at_ms: null
      })
    },

    isWithheld: async (tx: Tx, accountId: string): Promise<boolean> =>
      (await readWithheld(tx, accountId)) !== undefined,

    /** What an account is told whose free credits wait; null where none do. */
    async noticeFor(accountId: string): Promise<string | null> {
      if (!(await readWithheld(db, accountId))) return null
      const whom = appealContact === undefined ? 'the operator' : appealContact.replace(/^mailto:/, '')
      return `The free credits of this account wait for an operator to look at it, because it resembles others. Questions: ${whom}.`
    },

    /** The free credits of an account, from now on. */
    async release(username: string, by: string): Promise<void> {
      const accountId = await idOf(username)
      await db.transaction().execute(async (tx) => {
        if (!(await releaseWithheld(tx, accountId, clock.nowMs())))
          throw new AppError('conflict', `username: nothing of "${username}" is withheld`)
        await giveFree(tx, accountId)
        await operatorLog.record(tx, { actorId: by, action: 'credits.release', subject: username })
      })
    },

    list: (asked: { state?: string | undefined; limit: number }): Promise<FlagRow[]> => readFlags(db, asked),

    /** What an operator made of a flag. 404 where it is not open. */
    async decide(id: string, { state, by }: { state: 'dismissed' | 'acted'; by: string }): Promise<void> {
      await db.transaction().execute(async (tx) => {
        const set = { state, decided_at_ms: BigInt(clock.nowMs()), decided_by: by }
        const flag = await decideFlag(tx, id, set)
        if (!flag) throw new AppError('not_found', `flag: there is no open "${id}"`)
        const event = { action: `flag.${state}`, subject: id, subjectAccountId: flag.account_id }
        await operatorLog.record(tx, { actorId: by, ...event, detail: { kind: flag.kind } })
      })
    },

    /** Looks at how the answers of the last hour ended. */
    async sweep(): Promise<void> {
      const found = await readRefused(db, { sinceMs: clock.nowMs() - HOUR_MS, least: REFUSED_ANSWERS })
      for (const { account_id, answers } of found)
        raise(account_id, 'refusals', { answers_in_an_hour: Number(answers) })
    }
  }
}
