import {
  AppError,
  assertNever,
  COST_UNITS_PER_MICRO,
  ceilDiv,
  creditsToJson,
  detailHash,
  JSON_MICRO_MAX,
  type Receipt,
  receiptDetailHash
} from '@caicaini/protocol'
import type { Book } from './book.js'
import { availableOf, balanceOf, planBurn, sumOf, takeFrom } from './burn.js'
import type {
  Grant,
  GrantOp,
  GrantResult,
  Hold,
  HoldOp,
  HoldResult,
  LedgerOp,
  Movement,
  Outcome,
  ReleaseOp,
  ResolveResult,
  ResultOf,
  SettleOp
} from './model.js'

/** Decides one operation on the book: what changes, and what its caller is told. Pure. */
export function decide(book: Book, op: LedgerOp): ResultOf[LedgerOp['kind']] {
  switch (op.kind) {
    case 'grant':
      return decideGrant(book, op)
    case 'hold':
      return decideHold(book, op)
    case 'settle':
      return decideSettle(book, op)
    case 'release':
      return decideRelease(book, op)
    default:
      return assertNever(op)
  }
}

/** The same reference twice grants once. Refused where the account would have more than JSON can tell it. */
function decideGrant(book: Book, { accountId, grant }: GrantOp): GrantResult {
  for (const earlier of book.grants(accountId)) {
    if (earlier.reference !== grant.reference) continue
    return { grantId: earlier.id, granted: false, balance: balanceOf(book.grants(accountId), book.nowMs) }
  }
  const { id, amount, reference } = grant
  let total = amount
  for (const { remaining } of book.grants(accountId)) total += remaining
  if (total > JSON_MICRO_MAX) {
    throw new AppError('invalid_request', 'credits: with what the account has they are more than 4,294,967,296')
  }
  book.putGrant({ ...grant, accountId, remaining: amount, held: 0n, createdAtMs: book.nowMs })
  book.append({ accountId, kind: 'grant', reference, detailHash: grantDetailHash(grant) }, [{ grantId: id, amount }])
  return { grantId: id, granted: true, balance: balanceOf(book.grants(accountId), book.nowMs) }
}

/** What a grant's entry covers beside its amount and reference. */
export function grantDetailHash({ kind, startsAtMs, expiresAtMs, detail }: GrantOp['grant']): string {
  return detailHash({ kind, starts_at_ms: startsAtMs, expires_at_ms: expiresAtMs, detail })
}

/** Reserves what the answer may cost, fewer output tokens where the balance or the key's own limit affords no more. */
function decideHold(book: Book, op: HoldOp): HoldResult {
  const quota = book.quota(op.keyId)
  const available = availableOf(book.grants(op.accountId), book.nowMs)
  const quotaLeft = quota.limit === 0n ? available : max(0n, quota.limit - quota.used - quota.held)
  const budget = min(available, quotaLeft)
  const costOf = (tokens: number) => ceilDiv(op.inputCost + op.outputRate * BigInt(tokens), COST_UNITS_PER_MICRO)

  const tokens = costOf(op.tokensWanted) <= budget ? op.tokensWanted : affordableTokens(op, budget)
  if (tokens < op.tokensLeast || costOf(tokens) > budget) {
    const reason = quotaLeft < available ? 'key_quota' : 'balance'
    return { ok: false, reason, affordableTokens: Math.min(tokens, op.tokensWanted), available: budget }
  }
  const amount = costOf(tokens)
  const clamped = tokens < op.tokensWanted ? tokens : null
  const allocation = planBurn(book.grants(op.accountId), amount, book.nowMs)
  for (const movement of allocation) changeGrant(book, op.accountId, movement, { held: 1n })
  book.putQuota({ ...quota, held: quota.held + amount })
  book.openHold({
    requestId: op.requestId,
    accountId: op.accountId,
    keyId: op.keyId,
    instanceId: op.instanceId,
    epoch: op.epoch,
    state: 'held',
    amount,
    allocation,
    context: { ...op.context, clamped },
    createdAtMs: book.nowMs,
    resolvedAtMs: null
  })
  return { ok: true, amount, tokens, clamped }
}

/** Output tokens that `budget` micro-credits afford after the input is paid, rounded down. */
function affordableTokens({ inputCost, outputRate, tokensWanted }: HoldOp, budget: bigint): number {
  const left = budget * COST_UNITS_PER_MICRO - inputCost
  if (left < 0n) return 0
  if (outputRate === 0n) return tokensWanted
  return Number(min(left / outputRate, BigInt(tokensWanted)))
}

/**
 * Charges from the grants that the hold reserved, even when they have expired since; more than was
 * held comes from what is available, and what nobody has is `uncollected`.
 */
function decideSettle(book: Book, op: SettleOp): ResolveResult {
  const hold = book.hold(op.requestId)
  if (hold?.state !== 'held') return { ok: false, state: hold?.state ?? 'missing' }
  giveBack(book, hold)
  const reserved = takeFrom(hold.allocation, op.charge)
  for (const movement of reserved) changeGrant(book, hold.accountId, movement, { remaining: -1n })
  const extra = planBurn(book.grants(hold.accountId), op.charge - sumOf(reserved), book.nowMs)
  for (const movement of extra) changeGrant(book, hold.accountId, movement, { remaining: -1n })

  const taken = merge([...reserved, ...extra])
  const collected = sumOf(taken)
  const quota = book.quota(hold.keyId)
  book.putQuota({ ...quota, used: quota.used + collected })
  book.resolveHold(hold, 'settled')
  const receipt = receiptOf(book, hold, op.outcome, taken, op.charge - collected)
  // A charge of zero still leaves its line in the book.
  const lines = taken.length > 0 ? taken : [{ grantId: hold.allocation[0]?.grantId ?? null, amount: 0n }]
  book.append(
    { accountId: hold.accountId, kind: 'spend', reference: hold.requestId, detailHash: receiptDetailHash(receipt) },
    lines.map(({ grantId, amount }) => ({ grantId, amount: -amount }))
  )
  return { ok: true, receipt: file(book, hold, receipt, { collected, uncollected: op.charge - collected }) }
}

function decideRelease(book: Book, op: ReleaseOp): ResolveResult {
  const hold = book.hold(op.requestId)
  if (hold?.state !== 'held') return { ok: false, state: hold?.state ?? 'missing' }
  giveBack(book, hold)
  book.resolveHold(hold, 'released')
  const receipt = receiptOf(book, hold, op.outcome, [], 0n)
  return { ok: true, receipt: file(book, hold, receipt, { collected: 0n, uncollected: 0n }) }
}

function giveBack(book: Book, hold: Hold): void {
  for (const movement of hold.allocation) changeGrant(book, hold.accountId, movement, { held: -1n })
  const quota = book.quota(hold.keyId)
  book.putQuota({ ...quota, held: quota.held - hold.amount })
}

function receiptOf(book: Book, hold: Hold, outcome: Outcome, taken: readonly Movement[], uncollected: bigint): Receipt {
  const ofSubscription = taken.filter(({ grantId }) => book.grant(hold.accountId, grantId).kind === 'subscription')
  const fromSubscription = sumOf(ofSubscription)
  const collected = sumOf(taken)
  const { context } = hold
  return {
    request_id: hold.requestId,
    model: context.model,
    route_reason: context.routeReason,
    provider: context.provider,
    rate_version: context.rateVersion,
    discount: context.discount,
    clamped: context.clamped,
    ...outcome,
    credits: creditsToJson(collected),
    from_subscription: creditsToJson(fromSubscription),
    from_topup: creditsToJson(collected - fromSubscription),
    uncollected: creditsToJson(uncollected),
    settled_at: new Date(book.nowMs).toISOString(),
    balance: creditsToJson(balanceOf(book.grants(hold.accountId), book.nowMs)),
    ledger_head: ''
  }
}

/** Stores the receipt with the chain's head as it now is. */
function file(book: Book, hold: Hold, draft: Receipt, sums: { collected: bigint; uncollected: bigint }): Receipt {
  const receipt = { ...draft, ledger_head: book.head(hold.accountId).hash }
  const { accountId, keyId } = hold
  const { collected: credits, uncollected } = sums
  book.changes.receipts.push({ accountId, keyId, credits, uncollected, settledAtMs: book.nowMs, receipt })
  return receipt
}

function changeGrant(
  book: Book,
  accountId: string,
  movement: Movement,
  by: { held?: bigint; remaining?: bigint }
): void {
  const grant: Grant = book.grant(accountId, movement.grantId)
  book.putGrant({
    ...grant,
    held: grant.held + (by.held ?? 0n) * movement.amount,
    remaining: grant.remaining + (by.remaining ?? 0n) * movement.amount
  })
}

/** One movement a grant: what was reserved of it and what came on top. */
function merge(movements: readonly Movement[]): Movement[] {
  const sums = new Map<string, bigint>()
  for (const { grantId, amount } of movements) sums.set(grantId, (sums.get(grantId) ?? 0n) + amount)
  return [...sums].map(([grantId, amount]) => ({ grantId, amount }))
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
