import type { Receipt } from '@caicaini/protocol'
import { inParts } from '../storage/compiled-once.js'
import type { Db } from '../storage/tables.js'
import type { Entry } from './model.js'
import { receiptOf } from './store.js'

/** What the hashes of these grants' entries cover, by grant. */
export async function readExportGrants(db: Db, entries: readonly Entry[]): Promise<Map<string, object>> {
  const found = new Map<string, object>()
  for (const ids of inParts(entries.map(({ grantId }) => grantId ?? ''))) {
    const rows = await db
      .selectFrom('grant')
      .select(['id', 'kind', 'starts_at_ms', 'expires_at_ms', 'detail'])
      .where('id', 'in', ids)
      .execute()
    for (const { id, kind, starts_at_ms, expires_at_ms, detail } of rows) {
      found.set(id, {
        kind,
        starts_at_ms: Number(starts_at_ms),
        expires_at_ms: expires_at_ms === null ? null : Number(expires_at_ms),
        detail: JSON.parse(detail)
      })
    }
  }
  return found
}

export async function readExportReceipts(db: Db, requestIds: readonly string[]): Promise<Map<string, Receipt>> {
  const found = new Map<string, Receipt>()
  for (const ids of inParts(requestIds)) {
    const rows = await db
      .selectFrom('receipt')
      .select(['request_id', 'body', 'refunded'])
      .where('request_id', 'in', ids)
      .execute()
    for (const row of rows) found.set(row.request_id, receiptOf(row))
  }
  return found
}
