/* Who accounts are and how they prove it; as all tables, read with `bigint` for every integer. */

/** Who an account is. Those that an operator made have none until they say so themselves. */
export interface ProfileTable {
  account_id: string
  email: string | null
  /** The address without case. */
  email_key: string | null
  email_verified_at_ms: bigint | null
  /** The age that was confirmed at least. */
  age: bigint
  terms_version: string
  terms_accepted_at_ms: bigint
  /** Envelope. */
  signup_address: string | null
  signup_address_hash: string | null
  fingerprint_hash: string | null
  created_at_ms: bigint
}

export interface PasswordTable {
  account_id: string
  /** argon2id, in PHC form. */
  hash: string
  changed_at_ms: bigint
}

/** A browser that is signed in. Tokens are here as SHA-256, hex. */
export interface SessionTable {
  id: string
  account_id: string
  agent: string
  /** Envelope. */
  address: string | null
  created_at_ms: bigint
  last_used_at_ms: bigint
  /** However much it is used. */
  expires_at_ms: bigint
  refresh_hash: string
  previous_hash: string | null
  rotated_at_ms: bigint
  access_hash: string
  access_expires_at_ms: bigint
  stepped_up_at_ms: bigint | null
  factors: bigint
  ended_at_ms: bigint | null
  end_reason: string | null
}

export interface SessionSpentTable {
  hash: string
  session_id: string
}

/** Failures of one subject, such as an address or an account, and until when it must wait. */
export interface ThrottleTable {
  subject: string
  failures: bigint
  until_ms: bigint
  forget_at_ms: bigint
}

export interface CaptchaSpentTable {
  nonce: string
  expires_at_ms: bigint
}

/** A device that asks to be signed in (RFC 8628). */
export interface DeviceGrantTable {
  id: string
  device_hash: string
  /** Keyed hash: the code is short. */
  user_hash: string
  state: string
  /** JSON. */
  ask: string
  /** Envelope. */
  address: string | null
  interval_s: bigint
  polled_at_ms: bigint | null
  created_at_ms: bigint
  expires_at_ms: bigint
  session_id: string | null
  account_id: string | null
}

/** A link that was mailed: good once. */
export interface MailedLinkTable {
  hash: string
  account_id: string
  kind: string
  /** JSON. */
  detail: string
  created_at_ms: bigint
  expires_at_ms: bigint
  used_at_ms: bigint | null
}

export interface IdentityTables {
  profile: ProfileTable
  password: PasswordTable
  session: SessionTable
  session_spent: SessionSpentTable
  throttle: ThrottleTable
  captcha_spent: CaptchaSpentTable
  device_grant: DeviceGrantTable
  mailed_link: MailedLinkTable
}
