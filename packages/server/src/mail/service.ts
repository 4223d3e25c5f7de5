import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Vault } from '../secrets/vault.js'
import type { Tx } from '../storage/tables.js'
import { type DeliveryDeps, sealContext } from './delivery.js'
import { createOutbox } from './outbox.js'
import { insertMail, readReader } from './store.js'
import { type MailData, type MailKind, TEMPLATES } from './templates/index.js'

export interface MailDeps extends DeliveryDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly vault: Vault
}

/** A mail to be: its kind and what that kind is made of. */
export type MailAsk = {
  readonly [K in MailKind]: {
    readonly kind: K
    readonly accountId: string
    readonly data: MailData[K]
    /** For kinds that go to an address other than the account's own. */
    readonly to?: string
    /** When what it says is worth nothing any more. */
    readonly untilMs?: number
  }
}[MailKind]

export type Mail = ReturnType<typeof createMail>

/** What the server writes to people: queued with what causes it, sent by servers that listen. */
export function createMail(deps: MailDeps) {
  const { clock, ids, vault, from } = deps
  const outbox = createOutbox(deps)
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost'

  return {
    /**
     * Queues a mail in the transaction of what causes it: the two stand or fall together. Whether there was
     * anybody to write to: an account without a proven address gets only what proves it.
     */
    async enqueueIn(tx: Tx, { kind, accountId, data, to: named, untilMs }: MailAsk): Promise<boolean> {
      const reader = await readReader(tx, accountId)
      const { goesTo } = TEMPLATES[kind]
      const own = goesTo === 'proven' && reader?.email_verified_at_ms === null ? null : reader?.email
      const to = goesTo === 'named' ? named : own
      if (!to) return false
      const id = ids.next('mail')
      const nowMs = clock.nowMs()
      await insertMail(tx, {
        id,
        account_id: accountId,
        kind,
        state: 'queued',
        sealed: vault.seal(JSON.stringify({ to, data }), sealContext(id)),
        message_id: `<${id}@${domain}>`,
        attempts: 0n,
        due_at_ms: BigInt(nowMs),
        instance_id: null,
        until_ms: untilMs === undefined ? null : BigInt(untilMs),
        created_at_ms: BigInt(nowMs),
        ended_at_ms: null,
        fault: null
      })
      outbox.nudge()
      return true
    },

    /** Begins to send, in the name of this run. */
    serve: outbox.serve,
    stop: outbox.stop
  }
}
