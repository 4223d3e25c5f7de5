import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { indexCatalog } from '../catalog/catalog.js'
import type { CatalogFile } from '../catalog/schema.js'
import { createLedger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import { silentLog } from '../lib/log.js'
import { createOperatorLog } from '../operator-log/service.js'
import { createPlans } from '../plans/service.js'
import { openSqlite, type Storage } from '../storage/sqlite.js'
import { countedIds } from './world.js'

export const OPERATOR = 'acct_operator'
export const subscriberId = (index: number) => `acct_${index}`

export type PlansWorld = Awaited<ReturnType<typeof openPlansWorld>>

/** The plans of two processes over one database: one in memory that they share, or a file that both have opened. */
export async function openPlansWorld({ onDisk, catalog: file }: { onDisk: boolean; catalog: CatalogFile }) {
  const folder = onDisk ? mkdtempSync(join(tmpdir(), 'caicaini-plans-')) : null
  const path = folder === null ? ':memory:' : join(folder, 'caicaini.sqlite')
  const first = await openSqlite(path)
  const second = folder === null ? first : await openSqlite(path)
  let nowMs = Date.UTC(2026, 10, 15, 12)
  const clock: Clock = { nowMs: () => nowMs, after: () => () => {} }
  const ids = countedIds()
  const catalog = indexCatalog(file)

  function build({ db, snapshot }: Storage) {
    const ledger = createLedger({ db, snapshot, clock, ids, instance: () => ({ id: 'inst_1', epoch: 1n }) })
    const operatorLog = createOperatorLog({ db, clock, ids, vault: { seal: (text) => text, open: (text) => text } })
    const [forgetKeys, onChanged] = [() => undefined, async () => undefined]
    return {
      db,
      ledger,
      plans: createPlans({ db, clock, ids, log: silentLog, ledger, catalog, operatorLog, forgetKeys, onChanged })
    }
  }
  const processes = [build(first), build(second)] as const
  const account = { tier: 'free', status: 'active', created_at_ms: BigInt(nowMs) }
  const operator = { ...account, id: OPERATOR, username: OPERATOR, role: 'owner', plan: 'free' }
  await first.db.transaction().execute((tx) => tx.insertInto('account').values(operator).execute())

  return {
    clock,
    process: (index: number) => processes[index % 2 === 0 ? 0 : 1],
    setClock(atMs: number) {
      nowMs = atMs
    },
    async create(index: number, plan: string): Promise<void> {
      const { db, plans } = processes[0]
      const id = subscriberId(index)
      await db.transaction().execute(async (tx) => {
        await tx
          .insertInto('account')
          .values({ ...account, id, username: id, role: 'user', plan })
          .execute()
        await plans.beginFirst(tx, { accountId: id, plan, by: OPERATOR })
      })
    },
    async close(): Promise<void> {
      await first.close()
      if (second !== first) await second.close()
      if (folder !== null) rmSync(folder, { recursive: true, force: true })
    }
  }
}
