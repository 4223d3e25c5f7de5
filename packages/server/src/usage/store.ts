import { sql } from 'kysely'
import type { Db } from '../storage/tables.js'

export type UsageBy = 'model' | 'key' | 'day' | 'session' | 'agent' | 'client' | 'repo' | 'branch'

export interface UsageAsk {
  readonly accountId: string
  /** One key's requests and those of its session keys; undefined = all of the account. */
  readonly keyId: string | undefined
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  readonly by: UsageBy
  readonly rowsMax: number
}

/** Sums over the requests of one name; amounts in micro-credits. */
export interface UsageRow {
  readonly name: string | null
  readonly requests: number
  readonly billed: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheWriteTokens: number
  readonly credits: bigint
  readonly refunded: bigint
}

/** What each kind of report groups by. A key's name may change, and two keys may share one: its id is what counts. */
const GROUPS = {
  model: sql<string | null>`receipt.model_used`,
  key: sql<string | null>`coalesce(parent.name, api_key.name) || ' (' || coalesce(parent.id, api_key.id) || ')'`,
  day: sql<string | null>`date(receipt.settled_at_ms / 1000, 'unixepoch')`,
  session: sql<string | null>`receipt.session`,
  agent: sql<string | null>`receipt.agent`,
  client: sql<string | null>`receipt.client`,
  repo: sql<string | null>`receipt.repo`,
  // The same name is another branch in another repository.
  branch: sql<string | null>`case when receipt.branch is null then null
    else coalesce(receipt.repo, '') || '#' || receipt.branch end`
} as const satisfies Record<UsageBy, unknown>

function requestsOf(db: Db, { accountId, keyId, fromMs, toMs }: Omit<UsageAsk, 'by' | 'rowsMax'>) {
  const ofAccount = db
    .selectFrom('receipt')
    .innerJoin('api_key', 'api_key.id', 'receipt.key_id')
    .leftJoin('api_key as parent', 'parent.id', 'api_key.parent_id')
    .where('receipt.account_id', '=', accountId)
    .where('receipt.settled_at_ms', '>=', BigInt(fromMs))
    .where('receipt.settled_at_ms', '<', BigInt(toMs))
  if (keyId === undefined) return ofAccount
  return ofAccount.where((eb) => eb.or([eb('api_key.id', '=', keyId), eb('api_key.parent_id', '=', keyId)]))
}

const SUMS = [
  sql<bigint>`count(*)`.as('requests'),
  sql<bigint>`coalesce(sum(receipt.status in ('complete', 'aborted')), 0)`.as('billed'),
  sql<bigint>`coalesce(sum(receipt.status = 'failed'), 0)`.as('failed'),
  sql<bigint>`coalesce(sum(receipt.input_tokens), 0)`.as('input_tokens'),
  sql<bigint>`coalesce(sum(receipt.output_tokens), 0)`.as('output_tokens'),
  sql<bigint>`coalesce(sum(receipt.cache_read_tokens), 0)`.as('cache_read_tokens'),
  sql<bigint>`coalesce(sum(receipt.cache_write_tokens), 0)`.as('cache_write_tokens'),
  sql<bigint>`coalesce(sum(receipt.credits), 0)`.as('credits'),
  sql<bigint>`coalesce(sum(receipt.refunded), 0)`.as('refunded')
] as const

/** The dearest first; days in their order. At most `rowsMax`. */
export async function readUsage(db: Db, ask: UsageAsk): Promise<UsageRow[]> {
  const name = GROUPS[ask.by]
  const grouped = requestsOf(db, ask)
    .select(name.as('name'))
    .select([...SUMS])
    .groupBy(name)
  const ordered =
    ask.by === 'day' ? grouped.orderBy('name') : grouped.orderBy('credits', 'desc').orderBy('requests', 'desc')
  return (await ordered.limit(ask.rowsMax).execute()).map(toUsageRow)
}

/** The same over all of them, whatever the grouping leaves out. */
export async function readUsageTotal(db: Db, ask: Omit<UsageAsk, 'by' | 'rowsMax'>): Promise<UsageRow> {
  const row = await requestsOf(db, ask)
    .select([...SUMS])
    .executeTakeFirstOrThrow()
  return toUsageRow({ name: null, ...row })
}

interface Sums {
  name: string | null
  requests: bigint
  billed: bigint
  failed: bigint
  input_tokens: bigint
  output_tokens: bigint
  cache_read_tokens: bigint
  cache_write_tokens: bigint
  credits: bigint
  refunded: bigint
}

function toUsageRow(row: Sums): UsageRow {
  return {
    name: row.name,
    requests: Number(row.requests),
    billed: Number(row.billed),
    failed: Number(row.failed),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cacheReadTokens: Number(row.cache_read_tokens),
    cacheWriteTokens: Number(row.cache_write_tokens),
    credits: row.credits,
    refunded: row.refunded
  }
}
