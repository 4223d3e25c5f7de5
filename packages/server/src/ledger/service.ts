import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Storage } from '../storage/sqlite.js'
import type { Db, Tx } from '../storage/tables.js'
import { type AuditResult, audit } from './audit.js'
import { REPEAT_MS } from './decide/hold.js'
import type {
  GrantKind,
  GrantResult,
  Hold,
  HoldOp,
  HoldResult,
  Outcome,
  RefundResult,
  ReleaseOp,
  ResolveResult,
  SettleOp,
  TakeOp,
  TakeResult
} from './model.js'
import { applyIn, createQueue, type QueueDeps, type Submitted } from './queue.js'
import { createReads } from './reads.js'
import { deleteOldRepeats, readExpiringAccounts, readOpenHolds } from './store.js'

/** Accounts whose grants are expired at once. */
const EXPIRING_AT_ONCE = 200

export interface LedgerDeps {
  readonly db: Db
  /** A consistent state for long reads. */
  readonly snapshot: Storage['snapshot']
  readonly clock: Clock
  readonly ids: Ids
  /** The run of this process that holds are taken in the name of. */
  readonly instance: () => { readonly id: string; readonly epoch: bigint }
  readonly batchBegins?: QueueDeps['batchBegins']
}

export interface NewGrant {
  readonly accountId: string
  readonly kind: GrantKind
  /** Micro-credits. */
  readonly amount: bigint
  /** The same reference on the same account grants once. */
  readonly reference: string
  readonly expiresAtMs?: number
  /** Why and by whom: hashed into the entry. */
  readonly detail?: Readonly<Record<string, string>>
}

export type Ledger = ReturnType<typeof createLedger>

/** The only writer of credits: grant, hold, settle, release; and what of them can be read. */
export function createLedger({ db, snapshot, clock, ids, instance, batchBegins }: LedgerDeps) {
  const queue = createQueue({ db, clock, batchBegins })
  /** Requests whose end could not be written: while this process lives, nobody else gives their holds back. */
  const unresolved = new Set<string>()

  async function resolve(op: SettleOp | ReleaseOp): Promise<ResolveResult> {
    try {
      return await queue.submit(op).durable
    } catch (error) {
      unresolved.add(op.requestId)
      throw error
    }
  }

  /** How many of these holds were released; the others had been resolved before. */
  async function releaseAll(holds: readonly Hold[]): Promise<number> {
    const released = holds.map((hold) => queue.submit(abandon(hold, clock.nowMs())).durable)
    return (await Promise.all(released)).filter(({ ok }) => ok).length
  }

  function grantOp({ accountId, kind, amount, reference, expiresAtMs, detail }: NewGrant) {
    const grant = {
      id: ids.next('grant'),
      kind,
      amount,
      reference,
      startsAtMs: clock.nowMs(),
      expiresAtMs: expiresAtMs ?? null,
      detail: detail ?? {}
    }
    return { kind: 'grant' as const, accountId, grant }
  }

  return {
    ...createReads({ db, clock }),

    grant(grant: NewGrant): Promise<GrantResult> {
      return queue.submit(grantOp(grant)).durable
    },

    /** As `grant`, inside a caller's own transaction. */
    async grantIn(tx: Tx, grant: NewGrant): Promise<GrantResult> {
      const [result] = await applyIn(tx, [grantOp(grant)], clock.nowMs())
      return result as GrantResult
    },

    hold(ask: Omit<HoldOp, 'kind' | 'instanceId' | 'epoch'>): Submitted<HoldResult> {
      const { id: instanceId, epoch } = instance()
      return queue.submit({ kind: 'hold', instanceId, epoch, ...ask })
    },

    settle(end: Omit<SettleOp, 'kind'>): Promise<ResolveResult> {
      return resolve({ kind: 'settle', ...end })
    },

    release(end: Omit<ReleaseOp, 'kind'>): Promise<ResolveResult> {
      return resolve({ kind: 'release', ...end })
    },

    /** Gives back what a dead instance, or one that slept through its lease, still held; how many holds that were. */
    async recover(instanceId: string, epochMax: bigint): Promise<number> {
      return releaseAll(await readOpenHolds(db, instanceId, epochMax))
    },

    /** Gives back what this instance holds for requests whose end could not be written; how many holds that were. */
    async recoverOwn(): Promise<number> {
      if (unresolved.size === 0) return 0
      const failed = [...unresolved]
      const { id, epoch } = instance()
      const open = await readOpenHolds(db, id, epoch)
      const released = await releaseAll(open.filter(({ requestId }) => unresolved.has(requestId)))
      for (const requestId of failed) unresolved.delete(requestId)
      return released
    },

    /** Takes credits back inside a caller's own transaction; the same reference takes once. */
    async takeIn(tx: Tx, take: TakeOp): Promise<TakeResult> {
      const [result] = await applyIn(tx, [take], clock.nowMs())
      return result as TakeResult
    },

    /** Gives back what these requests were charged, each once, inside a caller's own transaction. */
    async refundIn(
      tx: Tx,
      requests: readonly { readonly accountId: string; readonly requestId: string }[],
      detail: Readonly<Record<string, string>>
    ): Promise<RefundResult[]> {
      const ops = requests.map(({ accountId, requestId }) => {
        return { kind: 'refund' as const, accountId, requestId, grantId: ids.next('grant'), detail }
      })
      return (await applyIn(tx, ops, clock.nowMs())) as RefundResult[]
    },

    /** Enters the expiry of every grant whose end has come, and forgets callers' keys of calls older than a day. */
    async expire(): Promise<void> {
      const nowMs = clock.nowMs()
      for (;;) {
        const accounts = await readExpiringAccounts(db, { nowMs, countMax: EXPIRING_AT_ONCE })
        await Promise.all(accounts.map((accountId) => queue.submit({ kind: 'expire', accountId }).durable))
        if (accounts.length < EXPIRING_AT_ONCE) break
      }
      await db.transaction().execute((tx) => deleteOldRepeats(tx, nowMs - REPEAT_MS))
    },

    audit: (): Promise<AuditResult> => snapshot(audit),

    /** Resolves when all that was submitted is on disk or refused. */
    idle: () => queue.idle()
  }
}

/** The release of a hold that nobody is left to end: nothing is known of the answer, and nothing is charged. */
function abandon(hold: Hold, nowMs: number): ReleaseOp {
  const { requestId, accountId, keyId, parentKeyId, context, createdAtMs } = hold
  const outcome: Outcome = {
    status: 'released',
    model_used: context.modelUsed,
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    parts: [],
    estimated: false,
    stop_reason: null,
    latency_ms: Math.max(0, nowMs - createdAtMs),
    first_token_ms: null
  }
  return { kind: 'release', requestId, accountId, keyId, parentKeyId, outcome, errorCode: null }
}
