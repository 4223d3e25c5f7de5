import { AppError, formatCredits } from '@caicaini/protocol'
import type { Accounts } from '../accounts/service.js'
import type { GrantKind, GrantResult, TakeResult } from '../ledger/model.js'
import type { BadCharge } from '../ledger/reads.js'
import type { Ledger } from '../ledger/service.js'
import type { Ids } from '../lib/ids.js'
import type { OperatorLog } from '../operator-log/service.js'
import type { Db } from '../storage/tables.js'

/** Charges given back in one transaction at most: a larger window is to be told in parts. */
const REFUNDS_MAX = 5_000

/** Who acts: an account's id, and the name that stays readable in the book. */
export interface Operator {
  readonly id: string
  readonly username: string
}

export interface CreditsDeps {
  readonly db: Db
  readonly ids: Ids
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly operatorLog: OperatorLog
}

/** What operators do to the credits of others: each act and the line that says so in one transaction. */
export function createCredits({ db, ids, accounts, ledger, operatorLog }: CreditsDeps) {
  return {
    /** The same reference on the same account grants once. */
    async grant(
      operator: Operator,
      ask: {
        username: string
        kind: GrantKind
        amount: bigint
        reference?: string | undefined
        reason: string
        expiresAtMs?: number | undefined
      }
    ): Promise<GrantResult> {
      const { username, kind, amount, reason, expiresAtMs } = ask
      const { id: accountId } = await accounts.byUsername(username)
      const reference = ask.reference ?? `operator:${ids.next('grant')}`
      const detail = { by: operator.username, reason }
      const grant = { accountId, kind, amount, reference, detail, ...(expiresAtMs !== undefined && { expiresAtMs }) }
      return db.transaction().execute(async (tx) => {
        const result = await ledger.grantIn(tx, grant)
        if (result.granted) {
          const told = { kind, credits: creditsText(amount), reference, reason }
          await operatorLog.record(tx, {
            actorId: operator.id,
            action: 'credits.grant',
            subject: username,
            detail: told
          })
        }
        return result
      })
    },

    /** An amount as a correction, or all that is not held; the same reference takes once. */
    async take(
      operator: Operator,
      ask: {
        username: string
        kind: 'adjust' | 'forfeit'
        amount: bigint | null
        reference?: string | undefined
        reason: string
      }
    ): Promise<TakeResult> {
      const { username, kind, amount, reason } = ask
      const { id: accountId } = await accounts.byUsername(username)
      const reference = ask.reference ?? `operator:${ids.next('op')}`
      const detail = { by: operator.username, reason }
      return db.transaction().execute(async (tx) => {
        const result = await ledger.takeIn(tx, { kind, accountId, amount, reference, detail })
        if (result.taken > 0n) {
          const told = { credits: creditsText(result.taken), reference, reason }
          await operatorLog.record(tx, {
            actorId: operator.id,
            action: `credits.${kind}`,
            subject: username,
            detail: told
          })
        }
        return result
      })
    },

    /** The charges of a provider's bad hour that were given back, or would be. Run twice, it gives once. */
    async reconcile(
      operator: Operator,
      ask: { provider: string; fromMs: number; toMs: number; reason: string; dryRun: boolean }
    ): Promise<BadCharge[]> {
      const { provider, fromMs, toMs, reason, dryRun } = ask
      const charges = await ledger.badCharges({ provider, fromMs, toMs })
      if (charges.length > REFUNDS_MAX) {
        const message = `to: there are ${charges.length} charges until then, ${REFUNDS_MAX} at most are given back at once`
        throw new AppError('invalid_request', message)
      }
      if (dryRun || charges.length === 0) return charges
      const batch = ids.next('op')
      return db.transaction().execute(async (tx) => {
        const results = await ledger.refundIn(tx, charges, { by: operator.username, reason, batch })
        // Another one that gave some of them back meanwhile has given those.
        const refunded = charges.filter((_, i) => (results[i]?.refunded ?? 0n) > 0n)
        const credits = creditsText(refunded.reduce((sum, charge) => sum + charge.credits, 0n))
        const detail = { batch, reason, requests: refunded.length, credits }
        const told = { actorId: operator.id, action: 'credits.reconcile', subject: provider, detail }
        await operatorLog.record(tx, { ...told, subjectAccountId: null })
        return refunded
      })
    }
  }
}

function creditsText(micro: bigint): string {
  return formatCredits(micro).replaceAll(',', '')
}
