import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What accounts keep of their conversations. All content is in envelopes. */
export const chats: Migration = {
  async up(db) {
    await conversations(db)
    await files(db)
  }
}

async function conversations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chat')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('model', 'text')
    .addColumn('leaf', 'text')
    .addColumn('messages', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('credits', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('bytes', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    .addColumn('updated_at_ms', 'integer', (c) => c.notNull())
    .addColumn('deleted_at_ms', 'integer')
    // Envelopes; the long one last, so that nobody who reads figures reads it.
    .addColumn('title', 'text')
    .addColumn('first_line', 'text', (c) => c.notNull())
    .addColumn('system', 'text')
    .execute()
  await db.schema.createIndex('chat_account').on('chat').columns(['account_id', 'updated_at_ms', 'id']).execute()
  await db.schema.createIndex('chat_deleted').on('chat').column('deleted_at_ms').execute()
  await db.schema
    .createTable('chat_message')
    .addColumn('chat_id', 'text', (c) => c.notNull().references('chat.id'))
    .addColumn('id', 'text', (c) => c.notNull())
    // The order of storage.
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('parent', 'text')
    .addColumn('role', 'text', (c) => c.notNull().check(sql`role in ('user', 'assistant')`))
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('turn', 'summary')`))
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('complete', 'stopped', 'failed')`))
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addColumn('model', 'text')
    .addColumn('request_id', 'text')
    .addColumn('credits', 'integer')
    .addColumn('created_at_ms', 'integer', (c) => c.notNull())
    // An envelope, last as it is long.
    .addColumn('content', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('chat_message_pk', ['chat_id', 'id'])
    .addUniqueConstraint('chat_message_seq', ['chat_id', 'seq'])
    .execute()
}

async function files(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chat_file')
    .addColumn('account_id', 'text', (c) => c.notNull().references('account.id'))
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    // An envelope.
    .addColumn('body', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('chat_file_pk', ['account_id', 'sha256'])
    .execute()
  await db.schema
    .createTable('chat_file_use')
    .addColumn('chat_id', 'text', (c) => c.notNull().references('chat.id'))
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('media_type', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('chat_file_use_pk', ['chat_id', 'sha256'])
    .execute()
  await db.schema.createIndex('chat_file_use_file').on('chat_file_use').column('sha256').execute()
}
