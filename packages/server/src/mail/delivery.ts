import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Vault } from '../secrets/vault.js'
import type { Db } from '../storage/tables.js'
import { frame } from './frame.js'
import { MailFailure, type MailTransport } from './mail.js'
import { decideAfterFailure } from './retry.js'
import { endTry, type MailRow, readReader } from './store.js'
import { type MailKind, wordsOf } from './templates/index.js'

export interface DeliveryDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly vault: Vault
  readonly transport: MailTransport
  readonly from: string
  /** Where links lead to, read when a mail is set. */
  readonly site: { readonly publicUrl: string }
}

const TRY_MS_MAX = 90_000

export const sealContext = (id: string) => `mail:${id}`

/** One try of a mail that is ours, and what becomes of the mail then. */
export function createDelivery({ db, clock, log, vault, transport, from, site }: DeliveryDeps) {
  async function deliver(row: MailRow, signal: AbortSignal): Promise<void> {
    const nowMs = clock.nowMs()
    if (row.until_ms !== null && Number(row.until_ms) <= nowMs) throw new MailFailure('late', { isFinal: true })
    const reader = await readReader(db, row.account_id)
    if (row.sealed === null || !reader) throw new MailFailure('bug', { isFinal: true })
    const { to, data } = JSON.parse(vault.open(row.sealed, sealContext(row.id)))
    const { publicUrl } = site
    const framed = frame(wordsOf(row.kind as MailKind, data), { username: reader.username, publicUrl })
    const letter = { messageId: row.message_id, from, to, dateMs: Number(row.created_at_ms), ...framed }
    await transport.send(letter, AbortSignal.any([signal, AbortSignal.timeout(TRY_MS_MAX)]))
  }

  async function afterFailure(row: MailRow, { code: fault, isFinal }: MailFailure, nowMs: number): Promise<void> {
    const attempts = Number(row.attempts)
    const untilMs = row.until_ms === null ? null : Number(row.until_ms)
    const next = decideAfterFailure({ attempts, isFinal, nowMs, untilMs })
    const about = { mail: row.id, account: row.account_id, kind: row.kind, attempts, fault }
    if (next.kind === 'again') {
      await endTry(db, row, { state: 'queued', due_at_ms: BigInt(next.atMs), fault })
      log.warn({ ...about, next_at: new Date(next.atMs).toISOString() }, 'a mail could not be sent; trying again')
      return
    }
    await endTry(db, row, { state: 'given_up', sealed: null, ended_at_ms: BigInt(nowMs), fault })
    log.error(about, `a mail was given up: ${next.why}`)
  }

  return async function sendMail(row: MailRow, signal: AbortSignal): Promise<void> {
    const failure = await deliver(row, signal).then(
      () => null,
      (error) => {
        if (error instanceof MailFailure) return error
        log.error({ mail: row.id, error: String(error) }, 'a mail could not be set')
        return new MailFailure('bug', { isFinal: false })
      }
    )
    if (failure) return afterFailure(row, failure, clock.nowMs())
    // Where this cannot be written the mail stays in hand, and comes again with its Message-ID once nobody has it.
    await endTry(db, row, { state: 'sent', sealed: null, ended_at_ms: BigInt(clock.nowMs()), fault: null })
  }
}
