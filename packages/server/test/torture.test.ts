import { setTimeout as sleep } from 'node:timers/promises'
import { creditsFromJson, type Receipt } from '@caicaini/protocol'
import type { AuditReport, Balance } from '@caicaini/protocol/api'
import { expect, test } from 'vitest'
import { withoutLimits } from '../src/testing/catalog.js'
import { type ChildServer, createChildServers } from '../src/testing/child-server.js'
import { createDice, type Dice } from '../src/testing/dice.js'
import { createLoad, type Load } from '../src/testing/load.js'

import { progressOf, soakSettings } from '../src/testing/soak-settings.js'

/*
 * A server under load is killed at random moments, again and again, on one data directory. After each
 * start the books agree, nothing is left held, every receipt that a client had in full is there as it
 * was told, and nothing was charged twice.
 */

const CREDITS = 1_000_000
/** Kills on one data directory: past them the audit of it all would be most of the work. */
const KILLS_A_DIRECTORY = 40

const { count, seed } = soakSettings('SOAK_KILLS')
const kills = count ?? 10

// Elsewhere only the lease tells that a process is gone, half a minute later.
test.skipIf(process.platform === 'win32')(
  `killed ${kills} times under load: nothing is lost, nothing is charged twice`,
  async () => {
    const dice = createDice(seed)
    const tell = count === undefined ? () => undefined : progressOf('kills', kills)
    if (count !== undefined) process.stderr.write(`seed ${seed}\n`)
    try {
      for (let done = 0; done < kills; ) {
        const rounds = Math.min(KILLS_A_DIRECTORY, kills - done)
        await torture(rounds, { dice, onKill: () => tell(++done) })
      }
    } catch (error) {
      throw new Error(
        `to try it again: SOAK_SEED=${seed} npm run soak:crash\n${error instanceof Error ? error.message : error}`,
        {
          cause: error
        }
      )
    }
  }
)

async function torture(rounds: number, { dice, onKill }: { dice: Dice; onKill: () => void }): Promise<void> {
  const c = await createChildServers({ catalog: withoutLimits })
  try {
    let server = await c.serve()
    const key = await server.createCustomer({ credits: CREDITS })
    const load = createLoad({ upstream: c.upstream, dice, key })
    for (let round = 0; round < rounds; round++) {
      const running = load.run(server.url)
      await sleep(dice.between(30, 900))
      await server.kill()
      await running
      onKill()
      server = await c.serve()
      await checkBooks(server, { key, load })
    }
    await checkAll(server, { key, load })
    expect(await server.stop()).toBe(0)
  } finally {
    await c.close()
  }
}

type Checked = { readonly key: string; readonly load: Load }

async function checkBooks(server: ChildServer, { key, load }: Checked): Promise<void> {
  const audit = await server.local<AuditReport>('GET', '/admin/api/ledger/audit')
  expect(audit).toMatchObject({ ok: true, holds_open: 0, differences: [] })
  const { balance, held } = await server.get<Balance>('/api/balance', key)
  expect(held).toBe(0)
  const missing = load.takeNew()
  for (const receipt of missing)
    expect(await server.get<Receipt>(`/api/receipts/${receipt.request_id}`, key)).toEqual(receipt)
  // What clients were told, and what was billed to those who left or were cut off: no more is gone than that.
  const told = load.receipts.reduce((sum, { credits }) => sum + creditsFromJson(credits), 0n)
  expect(creditsFromJson(CREDITS) - creditsFromJson(balance)).toBeGreaterThanOrEqual(told)
}

/** At the end every receipt that there is: each request and each caller's own key billed once, and they sum to what is gone. */
async function checkAll(server: ChildServer, { key, load }: Checked): Promise<void> {
  const all = new Map<string, Receipt>()
  for (let before = ''; ; ) {
    const path = `/api/receipts?limit=200${before && `&before=${before}`}`
    const page = await server.get<{ receipts: Receipt[]; next: string | null }>(path, key)
    for (const receipt of page.receipts) {
      expect(all.has(receipt.request_id)).toBe(false)
      all.set(receipt.request_id, receipt)
    }
    if (page.next === null) break
    before = page.next
  }
  const sum = [...all.values()].reduce((total, { credits }) => total + creditsFromJson(credits), 0n)
  const { balance } = await server.get<Balance>('/api/balance', key)
  expect(creditsFromJson(CREDITS) - creditsFromJson(balance)).toBe(sum)
  for (const receipt of load.receipts) expect(all.get(receipt.request_id)).toEqual(receipt)
  for (const [name, requestIds] of load.triesOfKeys) {
    const billed = [...new Set(requestIds)].filter((id) => (all.get(id)?.credits ?? 0) > 0)
    expect(billed.length, `${name} is billed once at most`).toBeLessThanOrEqual(1)
  }
  expect(load.receipts.length).toBeGreaterThan(0)
}
