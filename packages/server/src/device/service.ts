import { AppError } from '@caicaini/protocol'
import type { Key } from '../keys/key.js'
import type { Keys } from '../keys/service.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Period } from '../lib/period.js'
import type { Random } from '../lib/random.js'
import { hashToken, type Vault } from '../secrets/vault.js'
import type { Session } from '../sessions/session.js'
import type { Site } from '../site/site.js'
import type { Db, Tx } from '../storage/tables.js'
import type { Throttle } from '../throttle/service.js'
import { newUserCode, readUserCode, showUserCode } from './codes.js'
import { answerPoll, INTERVAL_S, type PollAnswer, type PollState } from './poll.js'
import {
  bindGrant,
  decideGrant,
  deleteOldGrants,
  type GrantRow,
  insertGrant,
  notePoll,
  readByDevice,
  readByUserCode,
  readGrant,
  redeemGrant
} from './store.js'

/** RFC 8628 wants it short; ASVS 6.5.5: at most ten minutes. */
export const LIFE_MS = 600_000
const DEVICE_CODE_BYTES = 32
/** Codes from one address, and from one account: some are mistyped, and then it costs time (RFC 8628 5.1). */
const TYPING = { free: 5, firstMs: 5_000, mostMs: 900_000, forgetMs: 3_600_000 }
const ASKING = { free: 20, firstMs: 5_000, mostMs: 300_000, forgetMs: 600_000 }

/** What a device asks for, as whoever approves it is told. */
export interface DeviceAsk {
  /** `sign in`: the key of the command on this device; `key`: one more, for something else. */
  readonly purpose: 'sign in' | 'key'
  readonly client: string
  readonly device: string
  readonly name: string
  readonly scope: 'api' | 'cli'
  /** Micro-credits as text; `0` = no limit. */
  readonly quota: string
  readonly quotaPeriod: Period
  /** When the key ends by itself. */
  readonly expiresAtMs?: number
  /** SHA-256 of the key that this one replaces, hex. */
  readonly replaces: string | null
}

export interface DeviceGrant {
  readonly id: string
  readonly userCode: string
  readonly ask: DeviceAsk
  readonly address: string | null
}

export interface DeviceDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly vault: Vault
  readonly site: Site
  readonly throttle: Throttle
  readonly keys: Pick<Keys, 'createIn' | 'forget' | 'revokeByHashIn'>
  readonly record: (
    tx: Tx,
    event: { actorId: string; action: string; subject: string; detail?: { readonly [name: string]: unknown } }
  ) => Promise<void>
}

export type Devices = ReturnType<typeof createDevices>

/** Signing in a device by a browser elsewhere (RFC 8628): the key is made when the device takes it, and stored nowhere. */
export function createDevices(deps: DeviceDeps) {
  const { db, clock, ids, random, vault, site, throttle, record } = deps
  const userHash = (code: string) => vault.keyedHash('user-code', code)

  async function start(ask: DeviceAsk, address: string | null) {
    const subject = `device:${address ?? 'here'}`
    await throttle.require(subject)
    if (address !== null) await throttle.fail(subject, ASKING)
    const nowMs = clock.nowMs()
    const [id, userCode] = [ids.next('dev'), newUserCode()]
    const deviceCode = `cai_device_${Buffer.from(random.bytes(DEVICE_CODE_BYTES)).toString('base64url')}`
    await db.transaction().execute((tx) =>
      insertGrant(tx, {
        id,
        device_hash: hashToken(deviceCode),
        user_hash: userHash(userCode),
        state: 'pending',
        ask: JSON.stringify(ask),
        address: address === null ? null : vault.seal(address, `device:${id}`),
        interval_s: BigInt(INTERVAL_S),
        created_at_ms: BigInt(nowMs),
        expires_at_ms: BigInt(nowMs + LIFE_MS)
      })
    )
    const shown = showUserCode(userCode)
    const url = `${site.publicUrl}/device`
    return {
      deviceCode,
      userCode: shown,
      url,
      completeUrl: `${url}?code=${shown}`,
      expiresInS: LIFE_MS / 1000,
      intervalS: INTERVAL_S
    }
  }

  /** What the code stands for, now bound to this browser. 404 for one that is not, or no more, to be approved. */
  async function open(text: string, session: Session, address: string | null): Promise<DeviceGrant> {
    const subjects = [`code:${address ?? 'here'}`, `code:${session.account.id}`]
    for (const subject of subjects) await throttle.require(subject)
    const code = readUserCode(text)
    const row = code === undefined ? undefined : await readByUserCode(db, userHash(code))
    const isOpen = row !== undefined && row.state === 'pending' && Number(row.expires_at_ms) > clock.nowMs()
    const isOurs = isOpen && (await db.transaction().execute((tx) => bindGrant(tx, row.id, session.id)))
    if (!row || code === undefined || !isOurs) {
      for (const subject of subjects) await throttle.fail(subject, TYPING)
      const why = isOpen ? 'was opened by another browser: start again on the device' : 'is unknown, used or expired'
      throw new AppError('not_found', `code: this code ${why}`, { param: 'code' })
    }
    return toGrant(row, showUserCode(code))
  }

  function toGrant(row: GrantRow, userCode: string): DeviceGrant {
    const address = row.address === null ? null : vault.open(row.address, `device:${row.id}`)
    return { id: row.id, userCode, ask: JSON.parse(row.ask) as DeviceAsk, address }
  }

  /** Lets the device in, or not. 404 where another decided already, or it is too late. */
  async function decide(
    id: string,
    { session, approves }: { session: Session; approves: boolean }
  ): Promise<DeviceAsk> {
    const { account, id: sessionId } = session
    const row = await readGrant(db, id)
    const state = approves ? 'approved' : 'denied'
    await db.transaction().execute(async (tx) => {
      const nowMs = clock.nowMs()
      const isDone = row && (await decideGrant(tx, { id, sessionId, accountId: account.id, state, nowMs }))
      if (!isDone) throw new AppError('not_found', 'code: this sign-in is over: start again on the device')
      const { device, scope, name } = JSON.parse(row.ask) as DeviceAsk
      await record(tx, {
        actorId: account.id,
        action: `device.${state}`,
        subject: account.username,
        detail: { device, scope, name }
      })
    })
    return JSON.parse((row as GrantRow).ask) as DeviceAsk
  }

  return {
    start,
    open,
    decide,
    redeem: createRedeem(deps),
    sweep: (): Promise<void> => db.transaction().execute((tx) => deleteOldGrants(tx, clock.nowMs() - LIFE_MS))
  }
}

export type Redeemed =
  | Exclude<PollAnswer, { kind: 'redeem' }>
  | { readonly kind: 'key'; readonly text: string; readonly key: Key; readonly replaced: string | null }

/** What a poll comes to. The poll is noted even where the key cannot be made. */
function createRedeem({ db, clock, keys, record }: DeviceDeps) {
  return async (deviceCode: string): Promise<Redeemed> => {
    const redeemed = await db.transaction().execute(async (tx): Promise<Redeemed> => {
      const nowMs = clock.nowMs()
      const row = await readByDevice(tx, hashToken(deviceCode))
      if (!row) return { kind: 'refused', error: 'invalid_grant', intervalS: INTERVAL_S }
      const answer = answerPoll(toPollState(row), nowMs)
      if (answer.kind === 'refused') {
        await notePoll(tx, row.id, { interval_s: BigInt(answer.intervalS), polled_at_ms: BigInt(nowMs) })
        return answer
      }
      if (!(await redeemGrant(tx, row.id))) return { kind: 'refused', error: 'invalid_grant', intervalS: INTERVAL_S }
      return mint(tx, row)
    })
    if (redeemed.kind === 'key') keys.forget()
    return redeemed
  }

  async function mint(tx: Tx, { ask: json, account_id }: GrantRow): Promise<Redeemed> {
    const accountId = account_id as string
    const ask = JSON.parse(json) as DeviceAsk
    // First, so that its place is free where a plan has no more.
    const replaced = ask.replaces === null ? null : await keys.revokeByHashIn(tx, { accountId, hash: ask.replaces })
    const { quota, ...wanted } = ask
    const { name, scope } = ask
    const { key, text } = await keys.createIn(tx, accountId, { ...wanted, quota: BigInt(quota) })
    const detail = { key: key.id, name, scope, replaced }
    await record(tx, { actorId: accountId, action: 'key.create', subject: accountId, detail })
    return { kind: 'key', key, text, replaced }
  }
}

function toPollState(row: GrantRow): PollState {
  return {
    state: row.state as PollState['state'],
    intervalS: Number(row.interval_s),
    polledAtMs: row.polled_at_ms === null ? null : Number(row.polled_at_ms),
    expiresAtMs: Number(row.expires_at_ms)
  }
}
