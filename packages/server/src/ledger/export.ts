import { creditsToJson, type ExportLine } from '@caicaini/protocol'
import type { Db } from '../storage/tables.js'
import { readAccountIds, readDetails, readEntries, readHead } from './audit-store.js'
import { readExportGrants, readExportReceipts } from './export-store.js'
import type { Entry } from './model.js'

/** Entries read at once. */
const PAGE = 500

/**
 * An account's book, line by line, as `receipts verify` reads it: what every hash covers comes with it.
 * `sinceMs` leaves earlier entries out; the first one's `prev_hash` then vouches for them.
 */
export async function* exportAccount(
  db: Db,
  accountId: string,
  { sinceMs = 0, nowMs }: { sinceMs?: number; nowMs: number }
): AsyncGenerator<ExportLine> {
  const head = await readHead(db, accountId)
  yield {
    type: 'account',
    version: 1,
    account_id: accountId,
    since: sinceMs > 0 ? new Date(sinceMs).toISOString() : null,
    exported_at: new Date(nowMs).toISOString(),
    entries: Number(head?.accountSeq ?? 0n),
    head: head?.hash ?? null
  }
  // What is entered from now on is not of this export: its head has been told.
  for await (const page of pagesOf(db, accountId, { sinceMs, lastSeq: head?.accountSeq ?? 0n })) {
    yield* linesOf(db, accountId, page)
  }
}

/** Every account's entries since then, oldest account first, for an operator's books. */
export async function* exportEntries(db: Db, { sinceMs }: { sinceMs: number }): AsyncGenerator<Entry> {
  for (const accountId of await readAccountIds(db)) {
    const head = await readHead(db, accountId)
    for await (const page of pagesOf(db, accountId, { sinceMs, lastSeq: head?.accountSeq ?? 0n })) yield* page
  }
}

async function* pagesOf(
  db: Db,
  accountId: string,
  { sinceMs, lastSeq }: { sinceMs: number; lastSeq: bigint }
): AsyncGenerator<readonly Entry[]> {
  let after = 0n
  let begun = false
  while (after < lastSeq) {
    const entries = await readEntries(db, accountId, { after, count: PAGE })
    const last = entries.at(-1)
    if (!last) return
    after = last.accountSeq
    // From the first that is late enough all are told: a chain has no holes, whatever the clock did.
    const from = begun ? 0 : entries.findIndex(({ createdAtMs }) => createdAtMs >= sinceMs)
    if (from < 0) continue
    begun = true
    yield entries.slice(from).filter(({ accountSeq }) => accountSeq <= lastSeq)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function* linesOf(db: Db, accountId: string, page: readonly Entry[]): AsyncGenerator<ExportLine> {
  const details = await readDetails(db, accountId, page)
  const grants = await readExportGrants(db, ofKind(page, 'grant'))
  const receipts = await readExportReceipts(db, [...new Set(ofKind(page, 'spend').map(({ reference }) => reference))])
  const told = new Set<string>()
  for (const entry of page) {
    const grant = entry.kind === 'grant' ? grants.get(entry.grantId ?? '') : undefined
    yield entryLine(entry, grant ?? details.get(entry.accountSeq) ?? null)
    const receipt = entry.kind === 'spend' && !told.has(entry.reference) ? receipts.get(entry.reference) : undefined
    if (!receipt) continue
    told.add(entry.reference)
    yield { type: 'receipt', receipt }
  }
}

function ofKind(page: readonly Entry[], kind: Entry['kind']): Entry[] {
  return page.filter((entry) => entry.kind === kind)
}

function entryLine(entry: Entry, detail: object | null): ExportLine {
  return {
    type: 'entry',
    account_seq: Number(entry.accountSeq),
    kind: entry.kind,
    grant_id: entry.grantId,
    reference: entry.reference,
    credits: creditsToJson(entry.amount),
    created_at_ms: entry.createdAtMs,
    detail_hash: entry.detailHash,
    prev_hash: entry.prevHash,
    hash: entry.hash,
    detail
  }
}
