/* What accounts and keys are held to, and what is known of how they are used; read with `bigint` for every integer. */

/** A text that a key had before it was rotated, by its SHA-256. */
export interface KeyFormerTable {
  hash: string
  key_id: string
  expires_at_ms: bigint
}

/** Where a key was last used from. */
export interface KeyUseTable {
  key_id: string
  at_ms: bigint
  /** Envelope. */
  address: string | null
  client: string | null
}

/** What was decided of an account, oldest first by id; the last one holds. */
export interface StandingTable {
  id: string
  account_id: string
  kind: string
  /** What the account is told. */
  reason: string
  /** For operators alone. */
  note: string | null
  /** Null where the server itself did. */
  by_account_id: string | null
  at_ms: bigint
}

/** What an operator did; append-only: the database refuses to change it. */
export interface OperatorEventTable {
  id: string
  at_ms: bigint
  actor_account_id: string
  action: string
  subject: string
  /** JSON. */
  detail: string
  /** Whom it was done to, where that is an account. */
  subject_account_id: string | null
  /** JSON, without secrets. */
  was: string | null
  became: string | null
}

/** Where what the log says was done from; deleted after a year. */
export interface EventOriginTable {
  event_id: string
  /** Envelope. */
  address: string
  at_ms: bigint
}

/** What an operator should look at: once a day for an account and a kind. */
export interface FlagTable {
  id: string
  account_id: string
  kind: string
  day: string
  /** JSON, without content. */
  evidence: string
  state: string
  at_ms: bigint
  decided_at_ms: bigint | null
  decided_by: string | null
}

/** An account whose free credits wait for an operator; released where one has looked. */
export interface WithheldTable {
  account_id: string
  score: bigint
  /** JSON: a list of sentences. */
  reasons: string
  at_ms: bigint
  released_at_ms: bigint | null
}

export interface StandingTables {
  key_former: KeyFormerTable
  key_use: KeyUseTable
  standing: StandingTable
  operator_event: OperatorEventTable
  event_origin: EventOriginTable
  flag: FlagTable
  withheld: WithheldTable
}
