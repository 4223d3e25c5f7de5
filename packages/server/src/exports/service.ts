import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { Db } from '../storage/tables.js'
import { deleteExpired, finishJob, insertJob, readJob, readNewest, readPending } from './store.js'
import { type ZipFile, zipOf } from './zip.js'

/** How long an export lies ready, and how soon another may be asked for. */
const LIFE_MS = 86_400_000

export interface Export {
  readonly id: string
  readonly state: 'pending' | 'ready' | 'failed'
  readonly createdAtMs: number
  /** When it will be deleted; null while it is not made. */
  readonly expiresAtMs: number | null
}

export interface ExportsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** All that an account has here. */
  readonly filesOf: (accountId: string) => Promise<readonly ZipFile[]>
}

export type Exports = ReturnType<typeof createExports>

/** Everything that an account has here, as a ZIP that is made in the background and lies ready for a day. */
export function createExports({ db, clock, ids, log, filesOf }: ExportsDeps) {
  let working: Promise<void> = Promise.resolve()

  async function make({ id, account_id }: { id: string; account_id: string }): Promise<void> {
    const made = await filesOf(account_id)
      .then((files) => zipOf(files, clock.nowMs()))
      .then((body) => ({ state: 'ready' as const, body }))
      .catch((error) => {
        log.error({ account_id, error: String(error) }, 'could not make an export')
        return { state: 'failed' as const, body: null }
      })
    await db.transaction().execute((tx) => finishJob(tx, id, { ...made, expiresAtMs: clock.nowMs() + LIFE_MS }))
  }

  async function makeAll(): Promise<void> {
    for (const job of await readPending(db)) await make(job)
  }

  /** One after another, and never two at once in this process. */
  function work(): Promise<void> {
    working = working
      .then(makeAll)
      .catch((error) => log.error({ error: String(error) }, 'could not make exports; trying again'))
    return working
  }

  return {
    /** Asks for one; the one that is being made, or lies ready, is as good. */
    async ask(accountId: string): Promise<Export> {
      const newest = await readNewest(db, accountId)
      if (newest && newest.state !== 'failed') return toExport(newest)
      const [id, nowMs] = [ids.next('exp'), clock.nowMs()]
      await db.transaction().execute((tx) => insertJob(tx, { id, accountId, nowMs }))
      void work()
      return { id, state: 'pending', createdAtMs: nowMs, expiresAtMs: null }
    },

    async newest(accountId: string): Promise<Export | undefined> {
      const row = await readNewest(db, accountId)
      return row && toExport(row)
    },

    /** The ZIP itself; 404 where there is none of that id, or none yet, or no more. */
    async body(accountId: string, id: string): Promise<Uint8Array> {
      const row = await readJob(db, accountId, id)
      if (!row?.body || Number(row.expires_at_ms) <= clock.nowMs())
        throw new AppError('not_found', `export: "${id}" is not ready, or was deleted`)
      return row.body
    },

    /** Makes what waits, such as after a restart, and deletes what has lain for a day. */
    async sweep(): Promise<void> {
      await db.transaction().execute((tx) => deleteExpired(tx, clock.nowMs()))
      await work()
    },

    idle: () => working
  }
}

function toExport(row: { id: string; state: string; created_at_ms: bigint; expires_at_ms: bigint | null }): Export {
  const expiresAtMs = row.expires_at_ms === null ? null : Number(row.expires_at_ms)
  return { id: row.id, state: row.state as Export['state'], createdAtMs: Number(row.created_at_ms), expiresAtMs }
}
