import { creditsToJson, type ReceiptWarning } from '@caicaini/protocol'
import type { EntryKind } from '../ledger/model.js'
import { levelReached, PlainKey, type PlainKeySetup } from './plain-keys.js'
import type { PlainAsk, PlainGrant, PlainHold, PlainReceipt } from './plain-shapes.js'

/*
 * The ledger's rules in the plainest words that run: maps, loops and one operation after another. No
 * batches, no database, no chain, and nothing of the code that is tested. Micro-credits; every grant
 * has begun when it is made.
 */

const DAY_MS = 86_400_000
const UNITS = 100_000_000n

export class PlainBooks {
  readonly grants: PlainGrant[] = []
  readonly holds = new Map<string, PlainHold>()
  readonly keys = new Map<string, PlainKey>()
  /** By account: the balance when it last grew, and what was said of it since. */
  readonly marks = new Map<string, { mark: bigint; warned: number }>()
  /** Σ of what each kind of entry added to an account. */
  readonly entered = new Map<string, Partial<Record<EntryKind, bigint>>>()
  readonly #repeats = new Map<string, { requestId: string; atMs: number }>()
  readonly #taken = new Set<string>()
  readonly #now: () => number

  constructor(now: () => number, keys: readonly PlainKeySetup[]) {
    this.#now = now
    for (const key of keys) this.keys.set(key.id, new PlainKey(key, now))
  }

  /** In the order in which they are spent: subscriptions, what ends soonest, the oldest. */
  live(accountId: string): PlainGrant[] {
    const end = ({ expiresAtMs }: PlainGrant) => expiresAtMs ?? Number.MAX_SAFE_INTEGER
    return this.grants
      .filter((grant) => grant.accountId === accountId && grant.remaining > 0n && !this.#isOver(grant))
      .sort((a, b) => {
        if (a.kind !== b.kind && a.kind === 'subscription') return -1
        if (a.kind !== b.kind && b.kind === 'subscription') return 1
        if (end(a) !== end(b)) return end(a) - end(b)
        if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs - b.createdAtMs
        return a.id < b.id ? -1 : 1
      })
  }

  balance(accountId: string): bigint {
    return this.live(accountId).reduce((sum, { remaining }) => sum + remaining, 0n)
  }

  available(accountId: string): bigint {
    return this.live(accountId).reduce((sum, { remaining, held }) => sum + remaining - held, 0n)
  }

  /** undefined: refused, for an account cannot have more than JSON can tell it. */
  grant(ask: Pick<PlainGrant, 'id' | 'accountId' | 'kind' | 'amount' | 'expiresAtMs' | 'reference'>) {
    const { accountId, reference } = ask
    const earlier = this.grants.find((each) => each.accountId === accountId && each.reference === reference)
    if (earlier) return { grantId: earlier.id, granted: false, balance: this.balance(accountId) }
    const own = this.grants.filter((each) => each.accountId === accountId)
    if (own.reduce((sum, { remaining }) => sum + remaining, ask.amount) > 2n ** 32n * 1_000_000n) return undefined
    this.#give(ask)
    return { grantId: ask.id, granted: true, balance: this.#grew(accountId) }
  }

  hold(ask: PlainAsk) {
    const keys = this.#keysOf(ask.keyId)
    const accountId = keys[0]?.accountId ?? ''
    const repeat = ask.repeatKey === null ? undefined : this.#repeats.get(`${accountId} ${ask.repeatKey}`)
    const earlier = repeat && this.holds.get(repeat.requestId)
    if (repeat && earlier && earlier.state !== 'released' && this.#now() - repeat.atMs < DAY_MS)
      return { ok: false, reason: 'repeat', requestId: earlier.requestId, state: earlier.state }

    let [budget, reason] = [this.available(accountId), 'balance']
    for (const [index, key] of keys.entries()) {
      const left = key.left()
      if (left !== null && left < budget) [budget, reason] = [left, index === 0 ? 'key_quota' : 'parent_key_quota']
    }
    const costOf = (tokens: number) => (ask.inputCost + ask.outputRate * BigInt(tokens) + UNITS - 1n) / UNITS
    let tokens = ask.tokensWanted
    while (tokens >= 0 && costOf(tokens) > budget) tokens--
    if (tokens < ask.tokensLeast) return { ok: false, reason, affordableTokens: Math.max(0, tokens), available: budget }

    const amount = costOf(tokens)
    const clamped = tokens < ask.tokensWanted ? tokens : null
    const parts = this.#fromFree(accountId, amount)
    for (const part of parts) part.grant.held += part.amount
    for (const key of keys) key.reserve(amount)
    const { requestId, instanceId, epoch, repeatKey } = ask
    if (repeatKey !== null) this.#repeats.set(`${accountId} ${repeatKey}`, { requestId, atMs: this.#now() })
    const fixed = { requestId, accountId, keys, instanceId, epoch, amount, clamped, parts, createdAtMs: this.#now() }
    this.holds.set(requestId, { ...fixed, state: 'held', taken: new Map(), settledAtMs: 0, refunded: 0n })
    return { ok: true, amount, tokens, clamped }
  }

  settle(requestId: string, charge: bigint) {
    const hold = this.holds.get(requestId)
    if (hold?.state !== 'held') return { ok: false, state: hold?.state ?? 'missing' }
    const { accountId } = hold
    const goneBefore = this.#monthGone(accountId)
    this.#giveBack(hold)
    let missing = charge
    const take = (grant: PlainGrant, most: bigint) => {
      const amount = most < missing ? most : missing
      if (amount === 0n) return
      grant.remaining -= amount
      missing -= amount
      hold.taken.set(grant, (hold.taken.get(grant) ?? 0n) + amount)
    }
    // What was reserved pays, expired or not; then whatever is free.
    for (const { grant, amount } of hold.parts) take(grant, amount)
    for (const grant of this.live(accountId)) take(grant, grant.remaining - grant.held)
    const collected = charge - missing
    for (const key of hold.keys) key.spend(collected)
    hold.state = 'settled'
    hold.settledAtMs = this.#now()
    this.#enter(accountId, 'spend', -collected)
    return { ok: true, receipt: this.#receipt(hold, missing, this.#warnings(hold, goneBefore)) }
  }

  release(requestId: string) {
    const hold = this.holds.get(requestId)
    if (hold?.state !== 'held') return { ok: false, state: hold?.state ?? 'missing' }
    this.#giveBack(hold)
    hold.state = 'released'
    return { ok: true, receipt: this.#receipt(hold, 0n, []) }
  }

  /** Everything that a run holds, in its epochs up to the given one, is given back; how many holds that were. */
  recover(instanceId: string, epochMax: bigint): number {
    const lost = [...this.holds.values()].filter(
      (hold) => hold.state === 'held' && hold.instanceId === instanceId && hold.epoch <= epochMax
    )
    for (const { requestId } of lost) this.release(requestId)
    return lost.length
  }

  expire(): void {
    for (const grant of this.grants) {
      const left = grant.remaining - grant.held
      if (left === 0n || !this.#isOver(grant)) continue
      grant.remaining -= left
      this.#enter(grant.accountId, 'expire', -left)
    }
    for (const [id, { atMs }] of this.#repeats) if (atMs < this.#now() - DAY_MS) this.#repeats.delete(id)
  }

  /** undefined: refused, for more was asked for than is there and free. */
  take(ask: { accountId: string; kind: 'forfeit' | 'adjust'; amount: bigint | null; reference: string }) {
    const { accountId, kind, amount, reference } = ask
    const id = `${accountId} ${kind} ${reference}`
    if (this.#taken.has(id)) return { taken: 0n, again: true, balance: this.balance(accountId) }
    if (amount !== null && this.available(accountId) < amount) return undefined
    const own = this.grants.filter((grant) => grant.accountId === accountId)
    const all = own.map((grant) => ({ grant, amount: grant.remaining - grant.held }))
    let taken = 0n
    for (const part of amount === null ? all : this.#fromFree(accountId, amount)) {
      part.grant.remaining -= part.amount
      taken += part.amount
    }
    if (taken > 0n) this.#taken.add(id)
    this.#enter(accountId, kind, -taken)
    return { taken, again: false, balance: this.balance(accountId) }
  }

  /** `grantId` is that of the grant which stands in for those that have ended. */
  refund(requestId: string, grantId: string) {
    const hold = this.holds.get(requestId)
    const cost = [...(hold?.taken.values() ?? [])].reduce((sum, amount) => sum + amount, 0n)
    if (!hold || cost === 0n || hold.refunded > 0n) return { refunded: 0n, again: (hold?.refunded ?? 0n) > 0n }
    let replaced = 0n
    for (const [grant, amount] of hold.taken) {
      if (this.#isOver(grant)) {
        replaced += amount
        continue
      }
      grant.remaining += amount
      this.#enter(hold.accountId, 'refund', amount)
    }
    const { accountId } = hold
    const replacement = { accountId, kind: 'service_refund', amount: replaced, expiresAtMs: null } as const
    if (replaced > 0n) this.#give({ id: grantId, ...replacement, reference: `refund:${requestId}` })
    for (const key of hold.keys) key.refund(cost, hold.settledAtMs)
    hold.refunded = cost
    this.#grew(accountId)
    return { refunded: cost, again: false }
  }

  #isOver({ expiresAtMs }: PlainGrant): boolean {
    return expiresAtMs !== null && this.#now() >= expiresAtMs
  }

  #keysOf(keyId: string): PlainKey[] {
    const key = this.keys.get(keyId)
    const parent = key?.parentId ? this.keys.get(key.parentId) : undefined
    return [key, parent].filter((each) => each !== undefined)
  }

  #give(ask: Pick<PlainGrant, 'id' | 'accountId' | 'kind' | 'amount' | 'expiresAtMs' | 'reference'>): void {
    this.grants.push({ ...ask, remaining: ask.amount, held: 0n, createdAtMs: this.#now() })
    this.#enter(ask.accountId, 'grant', ask.amount)
  }

  #grew(accountId: string): bigint {
    const mark = this.balance(accountId)
    this.marks.set(accountId, { mark, warned: 0 })
    return mark
  }

  #enter(accountId: string, kind: EntryKind, amount: bigint): void {
    const sums = this.entered.get(accountId) ?? {}
    this.entered.set(accountId, { ...sums, [kind]: (sums[kind] ?? 0n) + amount })
  }

  #fromFree(accountId: string, need: bigint): { grant: PlainGrant; amount: bigint }[] {
    const parts: { grant: PlainGrant; amount: bigint }[] = []
    for (const grant of this.live(accountId)) {
      const free = grant.remaining - grant.held
      const amount = free < need ? free : need
      need -= amount
      if (amount > 0n) parts.push({ grant, amount })
    }
    return parts
  }

  #giveBack(hold: PlainHold): void {
    for (const { grant, amount } of hold.parts) grant.held -= amount
    for (const key of hold.keys) key.unreserve(hold.amount)
  }

  /** The subscription credits of this month, used up or not, and how much of them is gone. */
  #monthGone(accountId: string): { gone: bigint; whole: bigint } {
    let [gone, whole] = [0n, 0n]
    for (const grant of this.grants) {
      if (grant.accountId !== accountId || grant.kind !== 'subscription' || this.#isOver(grant)) continue
      gone += grant.amount - grant.remaining
      whole += grant.amount
    }
    return { gone, whole }
  }

  #warnings(hold: PlainHold, before: { gone: bigint; whole: bigint }): ReceiptWarning[] {
    const warnings: ReceiptWarning[] = []
    for (const [index, key] of hold.keys.entries()) {
      const percent = key.newWarning()
      if (percent) warnings.push({ of: index === 0 ? 'key' : 'parent_key', percent })
    }
    const { gone, whole } = this.#monthGone(hold.accountId)
    const month = levelReached(gone, whole)
    const isNews = month > levelReached(before.gone, before.whole)
    if (month && isNews) warnings.push({ of: 'month', percent: month })
    const told = this.marks.get(hold.accountId) ?? { mark: 0n, warned: 0 }
    const level = levelReached(told.mark - this.balance(hold.accountId), told.mark)
    if (level <= told.warned) return warnings
    this.marks.set(hold.accountId, { ...told, warned: level })
    if (level && !isNews) warnings.push({ of: 'balance', percent: level })
    return warnings
  }

  #receipt(hold: PlainHold, uncollected: bigint, warnings: readonly ReceiptWarning[]): PlainReceipt {
    let [subscription, other] = [0n, 0n]
    for (const [grant, amount] of hold.taken) {
      if (grant.kind === 'subscription') subscription += amount
      else other += amount
    }
    return {
      credits: creditsToJson(subscription + other),
      from_subscription: creditsToJson(subscription),
      from_topup: creditsToJson(other),
      uncollected: creditsToJson(uncollected),
      balance: creditsToJson(this.balance(hold.accountId)),
      clamped: hold.clamped,
      warnings
    }
  }
}
