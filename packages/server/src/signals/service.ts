import { AppError } from '@caicaini/protocol'
import type { OperatorLog } from '../operator-log/service.js'
import type { Tx } from '../storage/tables.js'
import { mailboxOf, type Newcomer, scoreDuplicate, TOLD_FROM } from './duplicates.js'
import { createRaising, type RaisingDeps } from './raising.js'
import { keyPatternOf, networkOf, REFUSED_ANSWERS, signalsOf } from './rules.js'
import { createSteady } from './steady.js'
import {
  decideFlag,
  type FlagRow,
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

export interface SignalsDeps extends RaisingDeps {
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
  const { db, clock, operatorLog, accountId: idOf, withholdFrom, appealContact, giveFree } = deps
  const windows = createWindows()
  const steady = createSteady()
  const { raise, raiseIn } = createRaising(deps)

  return {
    /** One request of a key. */
    noteRequest({ accountId, address, ...use }: KeyRequest): void {
      const network = address ? networkOf(address) : undefined
      for (const { kind, evidence } of signalsOf(windows.count({ ...use, network }, clock.nowMs())))
        raise(accountId, kind, evidence)
    },

    /** What runs now, by account; told every `SAMPLE_MS`. */
    noteRunning(running: ReadonlyMap<string, number>): void {
      for (const { accountId, signal } of steady.sample(running, clock.nowMs()))
        raise(accountId, signal.kind, signal.evidence)
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
