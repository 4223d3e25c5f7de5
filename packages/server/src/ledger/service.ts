import type { Receipt } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import { sleep } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Db, Tx } from '../storage/tables.js'
import { audit } from './audit.js'
import { availableOf, balanceOf, burnOrder, isLive } from './burn.js'
import type {
  Grant,
  GrantKind,
  GrantResult,
  Hold,
  HoldOp,
  HoldResult,
  Outcome,
  ReleaseOp,
  ResolveResult,
  SettleOp
} from './model.js'
import { applyIn, createQueue, type Submitted } from './queue.js'
import { readGrants, readOpenHolds, readReceipt } from './store.js'

export interface LedgerDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  /** The run of this process that holds are taken in the name of. */
  readonly instance: () => { readonly id: string; readonly epoch: bigint }
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

/** Live credits, in the order in which they are spent. Amounts in micro-credits. */
export interface BalanceSheet {
  readonly balance: bigint
  readonly available: bigint
  readonly subscription: bigint
  readonly grants: readonly Grant[]
}

export type Ledger = ReturnType<typeof createLedger>

/** The only writer of credits: grant, hold, settle, release; and what of them can be read. */
export function createLedger({ db, clock, ids, instance }: LedgerDeps) {
  const queue = createQueue({ db, clock })
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

    async balance(accountId: string): Promise<BalanceSheet> {
      const nowMs = clock.nowMs()
      const grants = (await readGrants(db, [accountId])).filter((grant) => isLive(grant, nowMs)).sort(burnOrder)
      return {
        balance: balanceOf(grants, nowMs),
        available: availableOf(grants, nowMs),
        subscription: balanceOf(
          grants.filter(({ kind }) => kind === 'subscription'),
          nowMs
        ),
        grants
      }
    },

    /**
     * The receipt of an account's request, `pending` when it is still open after `waitMs`, undefined
     * where there is none. `keyId` narrows to one key's own requests.
     */
    async receipt(ask: {
      accountId: string
      keyId?: string
      requestId: string
      waitMs: number
      signal?: AbortSignal
    }): Promise<Receipt | 'pending' | undefined> {
      const deadlineMs = clock.nowMs() + ask.waitMs
      for (;;) {
        const found = await readReceipt(db, ask.accountId, ask.requestId)
        if (!found || (ask.keyId !== undefined && found.keyId !== ask.keyId)) return undefined
        const leftMs = deadlineMs - clock.nowMs()
        if (found.receipt !== 'pending' || leftMs <= 0 || ask.signal?.aborted) return found.receipt
        // Another process may be the one that settles it: looking again is the one way that sees both.
        await sleep(clock, Math.min(leftMs, 20), ask.signal)
      }
    },

    audit: () => audit(db),

    /** Resolves when all that was submitted is on disk or refused. */
    idle: () => queue.idle()
  }
}

/** The release of a hold that nobody is left to end: nothing is known of the answer, and nothing is charged. */
function abandon({ requestId, accountId, keyId, context, createdAtMs }: Hold, nowMs: number): ReleaseOp {
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
  return { kind: 'release', requestId, accountId, keyId, outcome }
}
