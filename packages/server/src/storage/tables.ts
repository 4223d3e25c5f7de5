import type { GeneratedAlways, Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { ChatTables } from './chat-tables.js'
import type { IdentityTables } from './identity-tables.js'
import type { LeavingTables } from './leaving-tables.js'
import type { MailTables } from './mail-tables.js'
import type { SecondFactorTables } from './second-factor-tables.js'
import type { StandingTables } from './standing-tables.js'

/*
 * Every integer column is read as `bigint` (safe integers are on): amounts are micro-credits, names
 * that end in `_ms` are UTC milliseconds. A store turns rows into the shapes that its service speaks.
 */

export interface AccountTable {
  id: string
  username: string
  /** The username without case: no two differ in that alone. */
  username_key: GeneratedAlways<string>
  role: string
  plan: string
  tier: string
  status: string
  created_at_ms: bigint
  /** JSON: an operator's own limits for this account; null where there are none. */
  limits: string | null
  /** What it is told while it is suspended. */
  standing_reason: string | null
}

export interface ApiKeyTable {
  id: string
  account_id: string
  name: string
  scope: string
  /** SHA-256 of the key's text, hex; null for the local owner's key, which has no text. */
  hash: string | null
  hint: string
  created_at_ms: bigint
  expires_at_ms: bigint | null
  last_used_at_ms: bigint | null
  disabled_at_ms: bigint | null
  revoked_at_ms: bigint | null
  /** The key that this one was derived from for one session: its rights end with it. */
  parent_id: string | null
  /** When its text was last changed for another. */
  rotated_at_ms: bigint | null
  /** When its owner was last told that it is old. */
  old_told_at_ms: bigint | null
  /** Of a session key: what its calls are for. */
  repo: string | null
  branch: string | null
}

/** What a key and its session keys have spent and reserved; `credit_limit` 0 = none. */
export interface KeyQuotaTable {
  key_id: string
  period: string
  period_start_ms: bigint
  credit_limit: bigint
  /** Since the period began: other than life, it begins anew at each turn. */
  used: bigint
  held: bigint
  /** Over the key's life, less what was refunded. */
  used_total: bigint
  /** The percent of the limit that was last warned of, 0 for none. */
  warned: bigint
}

/** One run of a server process: holds name it, so that a dead one's can be told from a living one's. */
export interface InstanceTable {
  id: string
  host: string
  pid: bigint
  /** Tells a process from a later one of the same pid. */
  process_start: string
  /** Raised when the instance finds its lease lost: a sleep long enough for others to have released its holds. */
  epoch: bigint
  lease_until_ms: bigint
  started_at_ms: bigint
  ended_at_ms: bigint | null
}

/** Head of an account's entry chain. */
export interface LedgerAccountTable {
  account_id: string
  account_seq: bigint
  head_hash: string
  /** The balance after it last grew, which warnings measure by. */
  mark: bigint
  /** The percent of it that was last warned of, 0 for none. */
  warned: bigint
}

export interface GrantTable {
  id: string
  account_id: string
  kind: string
  amount: bigint
  remaining: bigint
  held: bigint
  starts_at_ms: bigint
  expires_at_ms: bigint | null
  /** Where it came from: a payment, a month of a subscription, an operator's word. Once an account. */
  reference: string
  /** JSON: why and by whom. */
  detail: string
  created_at_ms: bigint
}

export interface HoldTable {
  request_id: string
  account_id: string
  key_id: string
  instance_id: string
  epoch: bigint
  state: string
  amount: bigint
  /** JSON: [[grant id, micro-credits as text], …] in burn order. */
  allocation: string
  /** JSON: what a receipt needs when nobody is left to write it. */
  context: string
  created_at_ms: bigint
  resolved_at_ms: bigint | null
  parent_key_id: string | null
}

export interface EntryTable {
  account_id: string
  account_seq: bigint
  kind: string
  grant_id: string | null
  reference: string
  amount: bigint
  detail_hash: string
  prev_hash: string
  hash: string
  created_at_ms: bigint
}

export interface ReceiptTable {
  request_id: string
  account_id: string
  key_id: string
  status: string
  model_used: string
  provider: string
  credits: bigint
  uncollected: bigint
  settled_at_ms: bigint
  /** The receipt as it was settled, JSON. */
  body: string
  /*
   * The figures that reports are made of. `model` is the one asked for; `client`, `agent`, `session`,
   * `repo` and `branch` are what the caller said of itself.
   */
  model: string | null
  client: string | null
  agent: string | null
  session: string | null
  repo: string | null
  branch: string | null
  error_code: string | null
  rate_version: string | null
  stop_reason: string | null
  input_tokens: bigint
  output_tokens: bigint
  cache_read_tokens: bigint
  cache_write_tokens: bigint
  latency_ms: bigint
  /** Given back later, of `credits`. */
  refunded: bigint
  first_token_ms: bigint | null
}

/** Who took or gave back credits, and why: what the entry's hash covers beside its figures. */
export interface EntryDetailTable {
  account_id: string
  kind: string
  reference: string
  /** JSON. */
  detail: string
}

/** Which request a client's own key of a call stands for. */
export interface IdempotencyTable {
  account_id: string
  key_hash: string
  request_id: string
  created_at_ms: bigint
}

/** An account's subscription to a plan; `begun_at_ms` is null while it waits for its first month. */
export interface SubscriptionTable {
  id: string
  account_id: string
  plan: string
  state: string
  /** `YYYY-MM`, UTC; `last_month` is inclusive, null = open end. */
  begins_month: string
  last_month: string | null
  /** Micro-credits a month of the plan that it replaced: in its first month it gives the difference. */
  base_monthly: bigint
  created_at_ms: bigint
  begun_at_ms: bigint | null
  ended_at_ms: bigint | null
  created_by: string | null
}

/** The one grant of a subscription's month; none where the month gives nothing. */
export interface SubscriptionMonthTable {
  subscription_id: string
  month: string
  plan: string
  grant_id: string | null
  micro: bigint
  created_at_ms: bigint
}

/** What the catalog said last of one plan, tier or model, as it is in force. */
export interface CatalogTermsTable {
  /** `plan:pro`, `tier:free`, `model:claude-haiku-4-5` */
  subject: string
  /** Where it stood in its list. */
  position: bigint
  body: string
}

/** A change of the catalog that takes something from running subscriptions, and the time from which it holds. */
export interface CatalogChangeTable {
  id: string
  subject: string
  /** JSON: the entry that will hold; null where the catalog has none any more. */
  target: string | null
  /** JSON: a list of sentences. */
  taken: string
  accounts: bigint
  state: string
  noticed_at_ms: bigint
  effective_at_ms: bigint
  reason: string | null
  /** The last account that was told of it, in the order of ids. */
  told_to: string
  /** When all were. */
  told_at_ms: bigint | null
}

/** Every rate ever published, so that a receipt can be recomputed at any later time. */
export interface RateCardTable {
  version: string
  model: string
  body: string
  first_seen_ms: bigint
}

/** The operator's own catalog that the data was last served with. */
export interface CatalogFileTable {
  id: bigint
  /** The file's path. */
  name: string
  body: string
}

/** What a serving process last told of its providers. Its row says that it serves. */
export interface ServerStatusTable {
  instance_id: string
  written_at_ms: bigint
  /** JSON: a list of providers. */
  body: string
}

/** A serving process is asked to read its catalog file again. */
export interface CatalogReloadTable {
  instance_id: string
  asked_at_ms: bigint
  /** Null while it has not. */
  answered_at_ms: bigint | null
  /** Why it was refused; null where it was not. */
  fault: string | null
}

export interface Tables
  extends IdentityTables,
    SecondFactorTables,
    MailTables,
    StandingTables,
    LeavingTables,
    ChatTables {
  account: AccountTable
  api_key: ApiKeyTable
  key_quota: KeyQuotaTable
  instance: InstanceTable
  ledger_account: LedgerAccountTable
  grant: GrantTable
  hold: HoldTable
  entry: EntryTable
  entry_detail: EntryDetailTable
  receipt: ReceiptTable
  idempotency: IdempotencyTable
  subscription: SubscriptionTable
  subscription_month: SubscriptionMonthTable
  catalog_terms: CatalogTermsTable
  catalog_change: CatalogChangeTable
  rate_card: RateCardTable
  catalog_file: CatalogFileTable
  server_status: ServerStatusTable
  catalog_reload: CatalogReloadTable
}

/** The database, or a transaction on it: what a store's functions take first. */
export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>
export type Row<T extends keyof Tables> = Selectable<Tables[T]>
export type NewRow<T extends keyof Tables> = Insertable<Tables[T]>
