/* Of accounts that leave, and of what people ask about their data. */

/** A closed account, and how far its traces are gone. */
export interface ClosureTable {
  account_id: string
  closed_at_ms: bigint
  anonymised_at_ms: bigint | null
  purging: bigint
  purged_at_ms: bigint | null
}

/** A ZIP of all that an account has here. */
export interface ExportJobTable {
  id: string
  account_id: string
  state: string
  body: Uint8Array | null
  created_at_ms: bigint
  expires_at_ms: bigint | null
}

/** What somebody asks about their data, and until when they must have an answer. */
export interface DataRequestTable {
  id: string
  kind: string
  account_id: string | null
  contact: string
  message: string
  created_at_ms: bigint
  due_at_ms: bigint
  closed_at_ms: bigint | null
  outcome: string | null
}

export interface LeavingTables {
  closure: ClosureTable
  export_job: ExportJobTable
  data_request: DataRequestTable
}
