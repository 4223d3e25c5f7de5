import type { Period } from '../lib/period.js'
import type { Row } from '../storage/tables.js'
import type { Entry, EntryKind, Grant, GrantKind, Hold, Quota, StoredReceipt } from './model.js'

/* The ledger's rows as its code speaks of them, and back. */

export function toGrant(row: Row<'grant'>): Grant {
  return {
    id: row.id,
    accountId: row.account_id,
    kind: row.kind as GrantKind,
    amount: row.amount,
    remaining: row.remaining,
    held: row.held,
    startsAtMs: Number(row.starts_at_ms),
    expiresAtMs: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
    reference: row.reference,
    detail: JSON.parse(row.detail),
    createdAtMs: Number(row.created_at_ms)
  }
}

export function grantRow(grant: Grant): Row<'grant'> {
  return {
    id: grant.id,
    account_id: grant.accountId,
    kind: grant.kind,
    amount: grant.amount,
    remaining: grant.remaining,
    held: grant.held,
    starts_at_ms: BigInt(grant.startsAtMs),
    expires_at_ms: grant.expiresAtMs === null ? null : BigInt(grant.expiresAtMs),
    reference: grant.reference,
    detail: JSON.stringify(grant.detail),
    created_at_ms: BigInt(grant.createdAtMs)
  }
}

export function toHold(row: Row<'hold'>): Hold {
  const allocation = JSON.parse(row.allocation) as [string, string][]
  return {
    requestId: row.request_id,
    accountId: row.account_id,
    keyId: row.key_id,
    parentKeyId: row.parent_key_id,
    instanceId: row.instance_id,
    epoch: row.epoch,
    state: row.state as Hold['state'],
    amount: row.amount,
    allocation: allocation.map(([grantId, amount]) => ({ grantId, amount: BigInt(amount) })),
    context: JSON.parse(row.context),
    createdAtMs: Number(row.created_at_ms),
    resolvedAtMs: row.resolved_at_ms === null ? null : Number(row.resolved_at_ms)
  }
}

export function holdRow(hold: Hold): Row<'hold'> {
  return {
    request_id: hold.requestId,
    account_id: hold.accountId,
    key_id: hold.keyId,
    parent_key_id: hold.parentKeyId,
    instance_id: hold.instanceId,
    epoch: hold.epoch,
    state: hold.state,
    amount: hold.amount,
    allocation: JSON.stringify(hold.allocation.map(({ grantId, amount }) => [grantId, amount.toString()])),
    context: JSON.stringify(hold.context),
    created_at_ms: BigInt(hold.createdAtMs),
    resolved_at_ms: hold.resolvedAtMs === null ? null : BigInt(hold.resolvedAtMs)
  }
}

export function receiptRow(stored: StoredReceipt): Row<'receipt'> {
  const { receipt, context } = stored
  return {
    request_id: receipt.request_id,
    account_id: stored.accountId,
    key_id: stored.keyId,
    status: receipt.status,
    model_used: receipt.model_used,
    provider: receipt.provider,
    credits: stored.credits,
    uncollected: stored.uncollected,
    settled_at_ms: BigInt(stored.settledAtMs),
    body: JSON.stringify(receipt),
    model: receipt.model,
    client: context.client ?? null,
    agent: context.agent ?? null,
    session: context.session ?? null,
    // Absent in holds from before there were labels.
    repo: context.repo ?? null,
    branch: context.branch ?? null,
    error_code: stored.errorCode,
    rate_version: receipt.rate_version,
    stop_reason: receipt.stop_reason,
    input_tokens: BigInt(receipt.input_tokens),
    output_tokens: BigInt(receipt.output_tokens),
    cache_read_tokens: BigInt(receipt.cache_read_tokens),
    cache_write_tokens: BigInt(receipt.cache_write_tokens),
    latency_ms: BigInt(receipt.latency_ms),
    refunded: 0n,
    first_token_ms: receipt.first_token_ms === null ? null : BigInt(receipt.first_token_ms)
  }
}

export function toQuota(row: Row<'key_quota'>): Quota {
  return {
    keyId: row.key_id,
    period: row.period as Period,
    periodStartMs: Number(row.period_start_ms),
    limit: row.credit_limit,
    used: row.used,
    held: row.held,
    usedTotal: row.used_total,
    warned: Number(row.warned)
  }
}

/** What requests change of a quota; its limit and period are for others to change. */
export function quotaChange(quota: Quota): Omit<Row<'key_quota'>, 'period' | 'credit_limit'> {
  return {
    key_id: quota.keyId,
    period_start_ms: BigInt(quota.periodStartMs),
    used: quota.used,
    held: quota.held,
    used_total: quota.usedTotal,
    warned: BigInt(quota.warned)
  }
}

export function toEntry(row: Row<'entry'>): Entry {
  return {
    accountId: row.account_id,
    accountSeq: row.account_seq,
    kind: row.kind as EntryKind,
    grantId: row.grant_id,
    reference: row.reference,
    amount: row.amount,
    detailHash: row.detail_hash,
    prevHash: row.prev_hash,
    hash: row.hash,
    createdAtMs: Number(row.created_at_ms)
  }
}

export function entryRow(entry: Entry): Row<'entry'> {
  return {
    account_id: entry.accountId,
    account_seq: entry.accountSeq,
    kind: entry.kind,
    grant_id: entry.grantId,
    reference: entry.reference,
    amount: entry.amount,
    detail_hash: entry.detailHash,
    prev_hash: entry.prevHash,
    hash: entry.hash,
    created_at_ms: BigInt(entry.createdAtMs)
  }
}
