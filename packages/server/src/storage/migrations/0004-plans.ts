import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What operators did, who is subscribed to what, and the terms and prices that customers were told. */
export const plans: Migration = {
  async up(db: Kysely<unknown>) {
    await createOperatorEvent(db)
    await createSubscription(db)
    await createSubscriptionMonth(db)
    await createTerms(db)
    await db.schema
      .createTable('rate_card')
      .addColumn('version', 'text', (c) => c.primaryKey().notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('first_seen_ms', 'integer', (c) => c.notNull())
      .addCheckConstraint('rate_card_names_model', sql`version like model || '@%'`)
      .execute()
    // The tiers' sweep sums top-ups, of which there are few, and must not read every grant for it.
    await db.schema
      .createIndex('grant_topup')
      .on('grant')
      .columns(['account_id', 'amount'])
      .where(sql.ref('kind'), '=', sql.lit('topup'))
      .execute()
  }
}

async function createOperatorEvent(db: Kysely<unknown>) {
  await db.schema
    .createTable('operator_event')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('at_ms', 'integer', (c) => c.notNull())
    .addColumn('actor_account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('action', 'text', (c) => c.notNull().check(sql`action <> ''`))
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull().check(sql`json_valid(detail)`))
    .execute()
  for (const change of ['update', 'delete']) {
    await sql
      .raw(
        `create trigger operator_event_no_${change} before ${change} on operator_event begin select raise(abort, 'operator events are append-only'); end`
      )
      .execute(db)
  }
}

async function createSubscription(db: Kysely<unknown>) {
  await db.schema
    .createTable('subscription')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('plan', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('active', 'ended')`))
    .addColumn('begins_month', 'text', (c) =>
      c.notNull().check(sql`begins_month glob '[0-9][0-9][0-9][0-9]-[01][0-9]'`)
    )
    .addColumn('last_month', 'text')
    .addColumn('base_monthly', 'integer', (c) => c.notNull().check(sql`base_monthly >= 0`))
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('begun_at_ms', 'integer')
    .addColumn('ended_at_ms', 'integer')
    // Null for what the server itself opened: Free for an account that had none.
    .addColumn('created_by', 'text', (c) => c.references('account.id'))
    .addCheckConstraint('subscription_ended_once', sql`(state = 'ended') = (ended_at_ms is not null)`)
    .addCheckConstraint('subscription_in_order', sql`last_month is null or last_month >= begins_month`)
    .execute()
  // One that runs and one that waits for its month: never two of either, whichever process decides.
  for (const [name, begun] of [
    ['subscription_one_running', 'is not'],
    ['subscription_one_scheduled', 'is']
  ] as const) {
    await db.schema
      .createIndex(name)
      .unique()
      .on('subscription')
      .column('account_id')
      .where(sql.ref('state'), '=', sql.lit('active'))
      .where(sql.ref('begun_at_ms'), begun, sql.lit(null))
      .execute()
  }
  await db.schema.createIndex('subscription_account').on('subscription').column('account_id').execute()
}

async function createSubscriptionMonth(db: Kysely<unknown>) {
  await db.schema
    .createTable('subscription_month')
    .addColumn('subscription_id', 'text', (c) => c.notNull().references('subscription.id'))
    .addColumn('month', 'text', (c) => c.notNull().check(sql`month glob '[0-9][0-9][0-9][0-9]-[01][0-9]'`))
    .addColumn('plan', 'text', (c) => c.notNull())
    .addColumn('grant_id', 'text', (c) => c.unique().references('grant.id'))
    .addColumn('micro', 'integer', (c) => c.notNull().check(sql`micro >= 0`))
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('subscription_month_once', ['subscription_id', 'month'])
    // A month of no credits is a row without a grant: the ledger has no grant of nothing.
    .addCheckConstraint('subscription_month_granted', sql`(micro > 0) = (grant_id is not null)`)
    .execute()
}

async function createTerms(db: Kysely<unknown>) {
  await db.schema
    .createTable('catalog_terms')
    .addColumn('subject', 'text', (c) => c.primaryKey().notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull().check(sql`json_valid(body)`))
    .execute()
  await db.schema
    .createTable('catalog_change')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.check(sql`target is null or json_valid(target)`))
    .addColumn('taken', 'text', (c) => c.notNull().check(sql`json_valid(taken)`))
    .addColumn('accounts', 'integer', (c) => c.notNull().check(sql`accounts >= 0`))
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('pending', 'applied', 'forced', 'withdrawn')`))
    .addColumn('noticed_at_ms', 'integer', (c) => c.notNull())
    .addColumn('effective_at_ms', 'integer', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addCheckConstraint('catalog_change_forced_why', sql`(state = 'forced') = (reason is not null)`)
    .execute()
  await db.schema
    .createIndex('catalog_change_one_pending')
    .unique()
    .on('catalog_change')
    .column('subject')
    .where(sql.ref('state'), '=', sql.lit('pending'))
    .execute()
}
