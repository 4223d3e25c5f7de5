import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Random } from '../lib/random.js'
import { hashToken } from '../secrets/vault.js'
import type { Db, Tx } from '../storage/tables.js'
import { deleteOldLinks, insertLink, readLink, useLink, voidLinks } from './link-store.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const TOKEN_BYTES = 32
const KEPT_MS = 7 * 24 * HOUR_MS

/** What a link is good for, and for how long. A reset is no one-time password of ten minutes (ASVS 6.5.5) but a link (6.4.1). */
const LIFE_MS = { verify: 24 * HOUR_MS, reset: 30 * MINUTE_MS, email: 24 * HOUR_MS, undo: 72 * HOUR_MS } as const

export type LinkKind = keyof typeof LIFE_MS

/** What a link says beside whose it is. */
export interface LinkDetails {
  /** The address that it was sent to. */
  readonly verify: { readonly email: string }
  readonly reset: { readonly email: string }
  /** The address to be, and the session that asked: it stays. */
  readonly email: { readonly email: string; readonly sessionId: string }
  /** The address to put back. */
  readonly undo: { readonly email: string }
}

export interface Link<K extends LinkKind> {
  readonly accountId: string
  readonly detail: LinkDetails[K]
}

export type Links = ReturnType<typeof createLinks>

/** Links that are mailed: 256 random bits, of which a hash is stored; good once, for a while. */
export function createLinks({ db, clock, random }: { db: Db; clock: Clock; random: Random }) {
  const over = () =>
    new AppError(
      'not_found',
      'token: this link is over: it was used before, it is too old, or a newer one took its place'
    )

  async function find<K extends LinkKind>(reader: Db, kind: K, token: string): Promise<Link<K>> {
    const row = await readLink(reader, hashToken(token), clock.nowMs())
    if (row?.kind !== kind) throw over()
    return { accountId: row.account_id, detail: JSON.parse(row.detail) }
  }

  return {
    /** A new link, and when it is over; those of its kind that the account had are void. */
    async issueIn<K extends LinkKind>(
      tx: Tx,
      kind: K,
      { accountId, detail }: Link<K>
    ): Promise<{ readonly token: string; readonly untilMs: number }> {
      const nowMs = clock.nowMs()
      const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
      const untilMs = nowMs + LIFE_MS[kind]
      // An undo must stay what an attacker, changing the address twice, cannot take away.
      if (kind !== 'undo') await voidLinks(tx, accountId, [kind], nowMs)
      await insertLink(tx, {
        hash: hashToken(token),
        account_id: accountId,
        kind,
        detail: JSON.stringify(detail),
        created_at_ms: BigInt(nowMs),
        expires_at_ms: BigInt(untilMs),
        used_at_ms: null
      })
      return { token, untilMs }
    },

    /** What a link is for, without an effect. 404 where it is good for nothing. */
    look: <K extends LinkKind>(kind: K, token: string): Promise<Link<K>> => find(db, kind, token),

    /** Uses it up: of two who open it at once one gets it. */
    async useIn<K extends LinkKind>(tx: Tx, kind: K, token: string): Promise<Link<K>> {
      const link = await find(tx, kind, token)
      if (!(await useLink(tx, hashToken(token), clock.nowMs()))) throw over()
      return link
    },

    voidIn: (tx: Tx, accountId: string, kinds: readonly LinkKind[]): Promise<void> =>
      voidLinks(tx, accountId, kinds, clock.nowMs()),

    sweep: (): Promise<void> => deleteOldLinks(db, clock.nowMs() - KEPT_MS)
  }
}
