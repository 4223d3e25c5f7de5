import { MICRO_PER_CREDIT } from '@caicaini/protocol'
import { createIds } from '../lib/ids.js'
import { systemRandom } from '../lib/random.js'
import { openSqlite } from '../storage/sqlite.js'
import { createFakeClock } from '../testing/fake-clock.js'
import type { HoldContext, Outcome } from './model.js'
import { createLedger } from './service.js'

export const credits = (amount: number) => BigInt(amount) * MICRO_PER_CREDIT

const context: Omit<HoldContext, 'clamped'> = {
  model: 'haiku',
  modelUsed: 'claude-haiku-4-5',
  routeReason: 'you picked this model',
  provider: 'sandbox',
  rateVersion: 'claude-haiku-4-5@2026-01-01',
  discount: 0,
  client: null,
  agent: null,
  session: null,
  repo: null,
  branch: null
}

export function outcome(status: Outcome['status'] = 'complete'): Outcome {
  return {
    status,
    model_used: 'claude-haiku-4-5',
    input_tokens: 10,
    output_tokens: 20,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    parts: [],
    estimated: false,
    stop_reason: 'end_turn',
    latency_ms: 5,
    first_token_ms: 1
  }
}

/** A ledger over a memory database with one account, one key and one instance. */
export async function createTestLedger({ path = ':memory:', quota = 0n } = {}) {
  const clock = createFakeClock()
  const storage = await openSqlite(path)
  const { db } = storage
  const ids = createIds({ clock, random: systemRandom })
  const instanceId = ids.next('inst')
  const ledger = createLedger({
    db,
    snapshot: storage.snapshot,
    clock,
    ids,
    instance: () => ({ id: instanceId, epoch: 1n })
  })
  const accountId = ids.next('acct')
  const keyId = ids.next('key')
  const now = BigInt(clock.nowMs())
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('account')
      .values({
        id: accountId,
        username: accountId,
        role: 'user',
        plan: 'pro',
        tier: 'free',
        status: 'active',
        created_at_ms: now
      })
      .execute()
    await tx
      .insertInto('api_key')
      .values({ id: keyId, account_id: accountId, name: 'k', scope: 'api', hash: keyId, hint: 'h', created_at_ms: now })
      .execute()
    await tx
      .insertInto('key_quota')
      .values({
        key_id: keyId,
        period: 'life',
        period_start_ms: now,
        credit_limit: quota,
        used: 0n,
        held: 0n,
        used_total: 0n,
        warned: 0n
      })
      .execute()
    await tx
      .insertInto('instance')
      .values({
        id: instanceId,
        host: 'h',
        pid: 1n,
        process_start: 's',
        epoch: 1n,
        lease_until_ms: now,
        started_at_ms: now
      })
      .execute()
  })

  return {
    ...storage,
    clock,
    ids,
    ledger,
    accountId,
    keyId,
    instanceId,
    grant: (kind: 'subscription' | 'topup' | 'promotion', amount: bigint, expiresAtMs?: number) =>
      ledger.grant({
        accountId,
        kind,
        amount,
        reference: ids.next('grant'),
        ...(expiresAtMs !== undefined && { expiresAtMs })
      }),
    /** A hold whose output costs one credit a token and whose input is free. */
    hold: (tokensWanted: number, { requestId = ids.next('req'), tokensLeast = tokensWanted } = {}) => ({
      requestId,
      result: ledger.hold({
        requestId,
        accountId,
        keyId,
        parentKeyId: null,
        repeatKey: null,
        context,
        inputCost: 0n,
        outputRate: MICRO_PER_CREDIT * 100_000_000n,
        tokensWanted,
        tokensLeast
      }).durable
    }),
    settle: (requestId: string, charge: bigint) =>
      ledger.settle({ requestId, accountId, keyId, parentKeyId: null, charge, outcome: outcome() }),
    release: (requestId: string) =>
      ledger.release({
        requestId,
        accountId,
        keyId,
        parentKeyId: null,
        outcome: outcome('failed'),
        errorCode: 'upstream_error'
      })
  }
}
