import type { Generated } from 'kysely'

/* What proves who somebody is beside a password; as all tables, read with `bigint` for every integer. */

/** An authenticator app. */
export interface TotpTable {
  account_id: string
  /** Envelope. */
  secret: string
  created_at_ms: bigint
  /** Null until a first code came of it. */
  confirmed_at_ms: bigint | null
  /** The newest 30-second step that a code was taken of. */
  last_step: Generated<bigint>
}

export interface RecoveryCodeTable {
  /** SHA-256, hex. */
  hash: string
  account_id: string
  created_at_ms: bigint
  used_at_ms: bigint | null
}

export interface PasskeyTable {
  /** The credential's id, base64url. */
  id: string
  account_id: string
  /** COSE, base64url. */
  public_key: string
  counter: bigint
  /** JSON. */
  transports: string
  name: string
  created_at_ms: bigint
  last_used_at_ms: bigint | null
}

/** A ticket or a WebAuthn challenge: for one purpose, good once. */
export interface ChallengeTable {
  /** SHA-256, hex. */
  hash: string
  purpose: string
  account_id: string | null
  data: string
  created_at_ms: bigint
  expires_at_ms: bigint
  used_at_ms: bigint | null
}

export interface SecondFactorTables {
  totp: TotpTable
  recovery_code: RecoveryCodeTable
  passkey: PasskeyTable
  challenge: ChallengeTable
}
