/* What is mailed; as all tables, read with `bigint` for every integer. */

/** A mail, from what caused it until some days after it was sent. */
export interface MailTable {
  id: string
  account_id: string
  kind: string
  state: string
  /** Envelope of JSON: to whom, and what it is about; null once it was sent or given up. */
  sealed: string | null
  message_id: string
  /** Tries begun; who has the mail in hand knows the number, so that two cannot end it. */
  attempts: bigint
  /** When it may be tried; while it is in hand, when its sender is taken for dead. */
  due_at_ms: bigint
  /** The run that has it in hand. */
  instance_id: string | null
  /** What it says is worth nothing afterwards. */
  until_ms: bigint | null
  created_at_ms: bigint
  ended_at_ms: bigint | null
  /** Codes alone: what servers answer has addresses in it. */
  fault: string | null
}

export interface MailTables {
  mail: MailTable
}
