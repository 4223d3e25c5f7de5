/*
 * The ledger and the limiter as the gateway calls them, over a database file of their own, with as many
 * requests in flight as asked; and the bare database beside them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger } from '../../packages/server/src/ledger/service.ts'
import { systemClock as clock } from '../../packages/server/src/lib/clock.ts'
import { createIds } from '../../packages/server/src/lib/ids.ts'
import { systemRandom as random } from '../../packages/server/src/lib/random.ts'
import { createMemoryLimiter } from '../../packages/server/src/limits/memory.ts'
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts'
import { openBare } from '../lib/bare-sqlite.js'
import { servePart } from '../lib/part.js'

const ACCOUNTS = 1_000
/** Requests whose settles alone are measured at once. */
const SETTLES = 4_000

const folder = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
const storage = await openSqlite(join(folder, 'ledger.db'))
const ids = createIds({ clock, random })
const instance = { id: ids.next('inst'), epoch: 1n }
const ledger = createLedger({ ...storage, clock, ids, instance: () => instance })
const limiter = createMemoryLimiter({ clock })
const people = await makeAccounts()
const bare = openBare(join(folder, 'bare.db'))

servePart(
  {},
  {
    async answer({ pairs, settles, bareOps, audit }) {
      if (pairs) return measurePairs(pairs)
      if (settles) return measureSettles(settles)
      if (bareOps) return measured(async () => bare.run(bareOps))
      if (!audit) return {}
      const { differences } = await ledger.audit()
      return { differences }
    },
    async close() {
      await storage.close()
      bare.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
)

/** Holds and settles, durable both, `inFlight` at any time. */
async function measurePairs({ inFlight, accounts, forMs }) {
  const endsAt = performance.now() + forMs
  return measured(async () => {
    const counts = await Promise.all(
      Array.from({ length: inFlight }, async (_, i) => {
        let count = 0
        for (; performance.now() < endsAt; count++) await onePair(people[(i + count * inFlight) % accounts])
        return count
      })
    )
    return counts.reduce((sum, count) => sum + count, 0)
  })
}

/** Settles alone, `inFlight` at any time; their holds were made before. */
async function measureSettles({ inFlight, accounts }) {
  const open = await Promise.all(Array.from({ length: SETTLES }, (_, i) => hold(people[i % accounts])))
  return measured(async () => {
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        for (let held = open.pop(); held; held = open.pop()) await settle(held)
      })
    )
    return SETTLES
  })
}

async function onePair(person) {
  await settle(await hold(person))
}

async function hold({ accountId, keyId }) {
  const requestId = ids.next('req')
  const limits = { requestsPerMinute: null, inputTokensPerMinute: null, concurrentStreams: null }
  const reservation = await limiter.reserve({
    keyId,
    limits: { ...limits, concurrentRequests: 100_000 },
    inputTokens: 120,
    stream: false,
    account: { id: accountId, limits }
  })
  const held = ledger.hold({
    requestId,
    accountId,
    keyId,
    parentKeyId: null,
    repeatKey: null,
    context: {
      model: 'claude-haiku-4-5',
      modelUsed: 'claude-haiku-4-5',
      routeReason: 'you picked this model',
      provider: 'anthropic',
      rateVersion: 'claude-haiku-4-5@2026-01-01',
      discount: 0,
      client: 'curl/8.5.0',
      agent: null,
      session: null
    },
    inputCost: 120n * 1_000_000n * 100n,
    outputRate: 5_000_000n * 100n,
    tokensWanted: 256,
    tokensLeast: 256
  })
  const { ok } = await held.decided
  if (!ok) throw new Error('a hold was refused')
  await held.durable
  return { requestId, accountId, keyId, reservation }
}

async function settle({ requestId, accountId, keyId, reservation }) {
  reservation.commit({ inputTokens: 120 })
  const outcome = {
    status: 'complete',
    model_used: 'claude-haiku-4-5',
    input_tokens: 120,
    output_tokens: 60,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    estimated: false,
    stop_reason: 'end_turn',
    parts: [
      { kind: 'input', quantity: 120, rate: 1_000_000 },
      { kind: 'output', quantity: 60, rate: 5_000_000 }
    ],
    rate_version: 'claude-haiku-4-5@2026-01-01',
    latency_ms: 3,
    first_token_ms: 2
  }
  const { ok } = await ledger.settle({ requestId, accountId, keyId, parentKeyId: null, charge: 420n, outcome })
  if (!ok) throw new Error('a hold was settled before')
}

async function measured(run) {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const count = await run()
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return { perSecond: (count / ms) * 1000, cpuUs: (user + system) / count }
}

async function makeAccounts() {
  const created_at_ms = BigInt(clock.nowMs())
  const made = Array.from({ length: ACCOUNTS }, () => ({ accountId: ids.next('acct'), keyId: ids.next('key') }))
  await storage.db.transaction().execute(async (tx) => {
    for (const { accountId: id, keyId } of made) {
      const account = {
        id,
        username: id,
        role: 'user',
        plan: 'pro',
        tier: 'enterprise',
        status: 'active',
        created_at_ms
      }
      const key = { id: keyId, account_id: id, name: 'bench', scope: 'api', hash: keyId, hint: '', created_at_ms }
      const figures = { used: 0n, held: 0n, used_total: 0n, warned: 0n }
      const quota = { key_id: keyId, period: 'life', period_start_ms: created_at_ms, credit_limit: 0n, ...figures }
      await tx.insertInto('account').values(account).execute()
      await tx.insertInto('api_key').values(key).execute()
      await tx.insertInto('key_quota').values(quota).execute()
    }
  })
  const grant = { kind: 'topup', amount: 10n ** 12n, reference: 'bench' }
  await Promise.all(made.map(({ accountId }) => ledger.grant({ accountId, ...grant })))
  return made
}
