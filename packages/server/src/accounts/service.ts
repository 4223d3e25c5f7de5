import { type AccountLimitSettings, AppError, MICRO_PER_CREDIT } from '@caicaini/protocol'
import { type Catalog, FREE_PLAN } from '../catalog/catalog.js'
import type { Ledger } from '../ledger/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Db, Row, Tx } from '../storage/tables.js'
import {
  insertAccount,
  readAccountByUsername,
  readAccounts,
  readOwner,
  updateAccountLimits,
  updateRole
} from './store.js'

export type Role = 'user' | 'support' | 'operator' | 'owner'

export interface Account {
  readonly id: string
  readonly username: string
  readonly role: Role
  readonly plan: string
  readonly tier: string
  readonly status: 'active' | 'suspended' | 'closed'
  readonly createdAtMs: number
  /** Set by an operator; null where there are none. */
  readonly limits: AccountLimitSettings | null
}

/** What the owner of a data directory may spend before granting themselves more. */
const OWNER_BUDGET = 10_000n * MICRO_PER_CREDIT
const OWNER_BUDGET_REFERENCE = 'owner-budget'

export interface NewAccount {
  readonly username: string
  readonly plan?: string
  readonly tier?: string
}

export interface AccountsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly ledger: Ledger
  readonly catalog: Catalog
  /** Joins the transaction that makes an account: its subscription. */
  readonly onCreated: (tx: Tx, account: { id: string; plan: string }, by: string) => Promise<void>
  /** Joins the transaction of what an operator does: the line that says so. */
  readonly record: (
    tx: Tx,
    event: {
      actorId: string
      action: string
      subject: string
      detail: Readonly<Record<string, unknown>>
      was?: Readonly<Record<string, unknown>>
      became?: Readonly<Record<string, unknown>>
    }
  ) => Promise<void>
}

/** All of a row but what the database makes of the rest. */
type AccountRow = Omit<Row<'account'>, 'username_key' | 'standing_reason'>

export type Accounts = ReturnType<typeof createAccounts>

export function createAccounts({ db, clock, ids, ledger, catalog, onCreated, record }: AccountsDeps) {
  function newRow(fields: Pick<Row<'account'>, 'username' | 'role' | 'plan' | 'tier'>): AccountRow {
    return { id: ids.next('acct'), status: 'active', created_at_ms: BigInt(clock.nowMs()), limits: null, ...fields }
  }

  /** The same in a caller's transaction; without `by` the account makes itself. `beforePlan` runs before its first credits are given. */
  async function createIn(
    tx: Tx,
    {
      username,
      plan = FREE_PLAN,
      tier = 'free',
      by,
      beforePlan
    }: NewAccount & { by?: string; beforePlan?: (accountId: string) => Promise<void> }
  ): Promise<Account> {
    requireKnown('plan', plan, Object.keys(catalog.plans))
    requireKnown('tier', tier, Object.keys(catalog.tiers))
    const row = newRow({ username, role: 'user', plan, tier })
    if (!(await insertAccount(tx, row))) throw new AppError('conflict', `username: "${username}" is taken`)
    await beforePlan?.(row.id)
    await onCreated(tx, row, by ?? row.id)
    return toAccount(row)
  }

  return {
    /** The data directory's owner, made with a first budget when there is none; safe when two processes start at once. */
    async ensureOwner(): Promise<Account> {
      const existing = await readOwner(db)
      if (existing) return toAccount(existing)
      const [plan = 'free'] = Object.keys(catalog.plans).slice(-1)
      const row = newRow({ username: 'owner', role: 'owner', plan, tier: 'enterprise' })
      const owner = await db.transaction().execute(async (tx) => {
        const other = await readOwner(tx)
        if (other) return other
        await insertAccount(tx, row)
        await ledger.grantIn(tx, {
          accountId: row.id,
          kind: 'adjustment',
          amount: OWNER_BUDGET,
          reference: OWNER_BUDGET_REFERENCE
        })
        return row
      })
      return toAccount(owner)
    },

    /** A new account, on the catalog's plan and tier; 409 when the name is taken. `by` is the account that makes it. */
    async create({ by, ...ask }: NewAccount & { by: string }): Promise<Account> {
      const account = await db.transaction().execute(async (tx) => {
        const made = await createIn(tx, { ...ask, by })
        const { plan, tier } = made
        await record(tx, { actorId: by, action: 'user.create', subject: ask.username, detail: { plan, tier } })
        return made
      })
      return account
    },

    createIn,

    /** Sets the whole of an account's own limits; `{}` leaves it to its tier and the catalog again. */
    async setLimits(username: string, { key = {}, account = {} }: AccountLimitSettings, by: string): Promise<Account> {
      const isEmpty = [key, account].every((limits) => Object.keys(limits).length === 0)
      const limits = isEmpty ? null : JSON.stringify({ key, account })
      return db.transaction().execute(async (tx) => {
        const row = await readAccountByUsername(tx, username)
        if (!row) throw new AppError('not_found', `username: there is no account "${username}"`)
        await updateAccountLimits(tx, row.id, limits)
        const change = { was: row.limits === null ? {} : JSON.parse(row.limits), became: { key, account } }
        await record(tx, { actorId: by, action: 'user.limits', subject: username, detail: { key, account }, ...change })
        return toAccount({ ...row, limits })
      })
    },

    /** Another role. The one that the data directory was made with stays its owner's. */
    async setRole(username: string, role: Role, by: string): Promise<Account> {
      return db.transaction().execute(async (tx) => {
        const row = await readAccountByUsername(tx, username)
        if (!row) throw new AppError('not_found', `username: there is no account "${username}"`)
        if ((await readOwner(tx))?.id === row.id)
          throw new AppError('conflict', `username: "${username}" is the owner of the data directory, and stays it`)
        await updateRole(tx, row.id, role)
        const change = { was: { role: row.role }, became: { role } }
        await record(tx, { actorId: by, action: 'user.role', subject: username, detail: { role }, ...change })
        return toAccount({ ...row, role })
      })
    },

    async list(): Promise<Account[]> {
      return (await readAccounts(db)).map(toAccount)
    },

    async byUsername(username: string): Promise<Account> {
      const row = await readAccountByUsername(db, username)
      if (!row) throw new AppError('not_found', `username: there is no account "${username}"`)
      return toAccount(row)
    }
  }
}

function requireKnown(field: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new AppError('invalid_request', `${field}: must be one of ${known.join(', ')}, got "${value}"`)
}

function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    username: row.username,
    role: row.role as Role,
    plan: row.plan,
    tier: row.tier,
    status: row.status as Account['status'],
    createdAtMs: Number(row.created_at_ms),
    limits: row.limits === null ? null : JSON.parse(row.limits)
  }
}
