import type { Tx } from '../storage/tables.js'

/** What changes about who may come in, as the operator log names it. */
export type SecondFactorChange =
  | 'totp.enable'
  | 'totp.disable'
  | 'recovery_codes.make'
  | 'recovery_code.use'
  | 'passkey.add'
  | 'passkey.rename'
  | 'passkey.remove'
  | 'passkey.regress'
  | 'second_factor.reset'

export type Record = (
  tx: Tx,
  event: { actorId: string; action: string; subject: string; detail?: { readonly [name: string]: unknown } }
) => Promise<void>

export interface ChangeDeps {
  readonly record: Record
  /** Told of each change in the transaction that makes it: a mail may say so. */
  readonly onChanged: (tx: Tx, change: { accountId: string; what: SecondFactorChange }) => Promise<void>
}

export type Note = ReturnType<typeof createNote>

/** Writes a change down, and tells of it. */
export function createNote({ record, onChanged }: ChangeDeps) {
  return async (
    tx: Tx,
    {
      accountId,
      what,
      detail = {}
    }: { accountId: string; what: SecondFactorChange; detail?: { [name: string]: unknown } }
  ): Promise<void> => {
    await record(tx, { actorId: accountId, action: what, subject: accountId, detail })
    await onChanged(tx, { accountId, what })
  }
}
