import type { Chat, ForkChat } from '@caicaini/protocol/api'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { Vault } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import { createForks } from './fork.js'
import { markAllDeleted, markDeleted, purgeChat, readDeleted } from './purge-store.js'
import { createReads, noChat } from './reads.js'
import { createSealed } from './sealed.js'
import { renameChat } from './store.js'
import { BYTES_MAX, createTurns } from './turns.js'

/** Conversations that one sweep purges at most. */
const PURGED_AT_ONCE = 1_000

export interface ConversationsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly vault: Vault
  /** What an account may keep. */
  readonly bytesMax?: number
}

export type Conversations = ReturnType<typeof createConversations>

/** What accounts keep of their conversations: written by the gateway as turns end, read and managed by their owners alone. */
export function createConversations({ db, clock, ids, log, vault, bytesMax = BYTES_MAX }: ConversationsDeps) {
  const sealed = createSealed(vault)
  const reads = createReads({ db, sealed })
  const turns = createTurns({ db, clock, sealed, bytesMax })
  const forks = createForks({ db, clock, ids, sealed, reads, bytesMax })

  return {
    turns,
    reads,
    sealed,

    async rename(accountId: string, id: string, title: string): Promise<Chat> {
      const envelope = sealed.word(title, id, 'title')
      if (!(await db.transaction().execute((tx) => renameChat(tx, accountId, { id, title: envelope }))))
        throw noChat(id)
      return reads.chat(accountId, id)
    },

    fork: (accountId: string, id: string, ask: ForkChat): Promise<Chat> => forks.fork(accountId, id, ask),

    /** Gone from every list at once; its rows and files at the next sweep. */
    async remove(accountId: string, id: string): Promise<void> {
      const ask = { accountId, id, nowMs: clock.nowMs() }
      if (!(await db.transaction().execute((tx) => markDeleted(tx, ask)))) throw noChat(id)
    },

    removeAllIn: (tx: Tx, accountId: string): Promise<void> => markAllDeleted(tx, accountId, clock.nowMs()),

    /** Takes away what was deleted. */
    async sweep(): Promise<void> {
      for (const { id, account_id: accountId } of await readDeleted(db, PURGED_AT_ONCE)) {
        await db
          .transaction()
          .execute((tx) => purgeChat(tx, { id, accountId }))
          .catch((error) => log.error({ chat_id: id, error: String(error) }, 'could not purge a chat; trying again'))
      }
    }
  }
}
