import type { Clock } from '../lib/clock.js'
import { directOf } from '../storage/direct.js'
import type { Db, Tx } from '../storage/tables.js'
import { Book } from './book.js'
import { readPages } from './book-store.js'
import { writeChanges } from './changes-store.js'
import { decide } from './decide/decide.js'
import type { LedgerOp, ResultOf } from './model.js'
import { KeptPages } from './pages.js'

/** Operations of one transaction at most: bounds its time and its count of SQL parameters. */
const BATCH_OPS_MAX = 400

/** `decided` says what will happen, `durable` that it has: on disk, past `kill -9`. Both reject when the commit failed. */
export interface Submitted<R> {
  readonly decided: Promise<R>
  readonly durable: Promise<R>
}

interface Ticket {
  readonly op: LedgerOp
  readonly decided: PromiseWithResolvers<never>
  readonly durable: PromiseWithResolvers<never>
  result?: ResultOf[LedgerOp['kind']]
  /** Whether `decided` has given `result` away. */
  told?: boolean
}

export interface QueueDeps {
  readonly db: Db
  readonly clock: Clock
  /** Told how many operations a transaction takes; what it gives is called once that is committed. */
  readonly batchBegins?: ((operations: number) => () => void) | undefined
}

/**
 * The ledger's first door. What is submitted while a transaction runs becomes the next one; there is
 * no timer to wait for. Inside it: read the touched pages once, decide every operation, write each
 * table once.
 */
export function createQueue({ db, clock, batchBegins = () => () => undefined }: QueueDeps) {
  let waiting: Ticket[] = []
  let running: Promise<void> | undefined
  const kept = new KeptPages()

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // The rest of this turn of the event loop joins the batch: what arrived together commits together.
      await nextTurn()
      const batch = waiting.slice(0, BATCH_OPS_MAX)
      waiting = waiting.slice(BATCH_OPS_MAX)
      await commit(batch)
    }
    running = undefined
  }

  async function commit(batch: readonly Ticket[]): Promise<void> {
    const committed = batchBegins(batch.length)
    try {
      const { changes, version } = await db.transaction().execute((tx) => decideAndWrite(tx, batch))
      committed()
      kept.keep(changes, version)
      for (const ticket of batch) ticket.durable.resolve(ticket.result as never)
    } catch (error) {
      // What was decided on may be what made it fail, and what was read may not be there any more.
      kept.forget()
      await takeApart(batch, error)
    }
  }

  async function decideAndWrite(tx: Tx, batch: readonly Ticket[]) {
    const ops = batch.map(({ op }) => op)
    const nowMs = clock.nowMs()
    const book = new Book(await kept.read(tx, ops, nowMs), nowMs)
    for (const ticket of batch) ticket.result = decide(book, ticket.op)
    // Only now, for one that cannot be decided makes all the others be decided anew.
    for (const ticket of batch) {
      ticket.told = true
      ticket.decided.resolve(ticket.result as never)
    }
    // Calls to providers that wait for these holds leave now; the commit hides behind their latency.
    if (book.changes.holdsOpened.size > 0) await callsLeft()
    await writeChanges(tx, book.changes)
    return { changes: book.changes, version: directOf(tx).writeVersion() }
  }

  /**
   * One operation that cannot be done must not take the others of its batch with it: each is tried
   * again alone. But not a hold whose decision was told, for it may be decided otherwise now; and none
   * where the database is at fault, which would make every one of them wait for it again.
   */
  async function takeApart(batch: readonly Ticket[], error: unknown): Promise<void> {
    const isHopeless = batch.length === 1 || isDatabaseTrouble(error)
    for (const ticket of batch) {
      if (!isHopeless && !(ticket.op.kind === 'hold' && ticket.told)) {
        await commit([ticket])
        continue
      }
      ticket.decided.reject(error)
      ticket.durable.reject(error)
    }
  }

  return {
    submit<Op extends LedgerOp>(op: Op): Submitted<ResultOf[Op['kind']]> {
      const ticket: Ticket = { op, decided: Promise.withResolvers(), durable: Promise.withResolvers() }
      // A caller may wait for only one of the two.
      ticket.decided.promise.catch(() => undefined)
      ticket.durable.promise.catch(() => undefined)
      waiting.push(ticket)
      running ??= drain()
      return { decided: ticket.decided.promise, durable: ticket.durable.promise }
    },

    /** Resolves when nothing is waiting or running any more. */
    async idle(): Promise<void> {
      while (running) await running
    }
  }
}

/** The ledger's second door: the same decisions inside a caller's own transaction, such as a payment and its credit. */
export async function applyIn(tx: Tx, ops: readonly LedgerOp[], nowMs: number): Promise<ResultOf[LedgerOp['kind']][]> {
  const book = new Book(await readPages(tx, ops, nowMs), nowMs)
  const results = ops.map((op) => decide(book, op))
  await writeChanges(tx, book.changes)
  return results
}

/** Busy, full, unreadable: anything but a constraint that the operation itself has met. */
function isDatabaseTrouble(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT')
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Resolves once those that waited for `decided` have run, and the immediates that they set: undici
 * looks at an idle connection for one such turn before it writes to it.
 */
function callsLeft(): Promise<void> {
  return new Promise((resolve) => process.nextTick(() => setImmediate(resolve)))
}
