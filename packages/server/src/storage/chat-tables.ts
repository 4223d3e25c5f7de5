/* Of conversations that accounts keep. What people and models said is in envelopes. */

/** A conversation; gone from every list once it is deleted, and from here when it is purged. */
export interface ChatTable {
  id: string
  account_id: string
  title: string | null
  first_line: string
  system: string | null
  model: string | null
  leaf: string | null
  messages: bigint
  credits: bigint
  /** Of its messages, without files. */
  bytes: bigint
  created_at_ms: bigint
  updated_at_ms: bigint
  deleted_at_ms: bigint | null
}

/** A message of a conversation's tree. */
export interface ChatMessageTable {
  chat_id: string
  id: string
  seq: bigint
  parent: string | null
  role: string
  kind: string
  state: string
  content: string
  bytes: bigint
  model: string | null
  request_id: string | null
  credits: bigint | null
  created_at_ms: bigint
}

/** An image or a document, once an account. */
export interface ChatFileTable {
  account_id: string
  sha256: string
  bytes: bigint
  body: Uint8Array
}

/** Which conversations have a file. */
export interface ChatFileUseTable {
  chat_id: string
  sha256: string
  media_type: string
}

export interface ChatTables {
  chat: ChatTable
  chat_message: ChatMessageTable
  chat_file: ChatFileTable
  chat_file_use: ChatFileUseTable
}
