import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Random } from '../lib/random.js'
import type { Vault } from '../secrets/vault.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Site } from '../site/site.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Note } from './changes.js'
import type { RecoveryCodes } from './codes.js'
import { confirmTotp, deleteTotp, hasSecondFactor, putUnconfirmed, readTotp, takeStep } from './store.js'
import { loadStepOf, SECRET_BYTES, toBase32, totpUri } from './totp.js'

export interface AppDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly vault: Vault
  readonly site: Pick<Site, 'publicUrl'>
  readonly sessions: Pick<BrowserSessions, 'stepUpIn'>
  readonly codes: RecoveryCodes
  readonly note: Note
}

/** Whose session asks for a change. */
export interface Asking {
  readonly id: string
  readonly account: { readonly id: string; readonly username: string }
}

export type AuthenticatorApp = ReturnType<typeof createAuthenticatorApp>

/** An account's authenticator app: set up, confirmed by a first code, asked for codes, taken away. */
export function createAuthenticatorApp({ db, clock, random, vault, site, sessions, codes, note }: AppDeps) {
  const context = (accountId: string) => `totp:${accountId}`
  const changed = () => new AppError('conflict', 'no authenticator app is being set up here: begin again')

  return {
    /** Whether codes of one are asked for. */
    async isOn(accountId: string): Promise<boolean> {
      const row = await readTotp(db, accountId)
      return row !== undefined && row.confirmed_at_ms !== null
    },

    /** A new secret, in the place of one that was never confirmed. */
    async begin({ account }: Asking): Promise<void> {
      const secret = await toBase32(random.bytes(SECRET_BYTES))
      const row = { account_id: account.id, secret: vault.seal(secret, context(account.id)) }
      const created_at_ms = BigInt(clock.nowMs())
      const isNew = await db.transaction().execute((tx) => putUnconfirmed(tx, { ...row, created_at_ms }))
      if (!isNew) throw new AppError('conflict', 'this account has an authenticator app already: turn it off first')
    },

    /** The secret that waits to be confirmed, and what a QR code says of it. */
    async pending({ account }: Asking): Promise<{ readonly secret: string; readonly uri: string } | undefined> {
      const row = await readTotp(db, account.id)
      if (!row || row.confirmed_at_ms !== null) return undefined
      const secret = vault.open(row.secret, context(account.id))
      const label = `${account.username}@${new URL(site.publicUrl).hostname}`
      return { secret, uri: await totpUri({ secret, label }) }
    },

    /** Puts it in force by a first code; recovery codes where this is the first second factor, else null. */
    async confirm({ id, account }: Asking, code: string): Promise<readonly string[] | null> {
      const stepOf = await loadStepOf()
      return db.transaction().execute(async (tx) => {
        const row = await readTotp(tx, account.id)
        if (!row || row.confirmed_at_ms !== null) throw changed()
        const nowMs = clock.nowMs()
        const step = stepOf({ secret: vault.open(row.secret, context(account.id)), code, nowMs })
        if (step === undefined)
          throw new AppError(
            'wrong_code',
            'The code is not the one of this secret now. Is the clock of the app right?',
            {
              param: 'code'
            }
          )
        const isFirst = !(await hasSecondFactor(tx, account.id))
        if (!(await confirmTotp(tx, row, { step, atMs: nowMs }))) throw changed()
        await note(tx, { accountId: account.id, what: 'totp.enable' })
        await sessions.stepUpIn(tx, id, 2)
        return codes.ensureIn(tx, account.id, isFirst)
      })
    },

    async remove({ account }: Asking): Promise<void> {
      await db.transaction().execute(async (tx) => {
        if (!(await deleteTotp(tx, account.id)))
          throw new AppError('not_found', 'this account has no authenticator app')
        await note(tx, { accountId: account.id, what: 'totp.disable' })
        await codes.dropUnneededIn(tx, account.id)
      })
    },

    /** Takes a code in a transaction to come: true once for each, and for none that is older. */
    async prepare(accountId: string, code: string): Promise<(tx: Tx) => Promise<boolean>> {
      const stepOf = await loadStepOf()
      return async (tx) => {
        const row = await readTotp(tx, accountId)
        if (!row || row.confirmed_at_ms === null) return false
        const step = stepOf({ secret: vault.open(row.secret, context(accountId)), code, nowMs: clock.nowMs() })
        return step !== undefined && takeStep(tx, accountId, step)
      }
    }
  }
}
