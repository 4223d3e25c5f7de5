import type {
  AuditReport,
  Balance,
  CatalogChange,
  EventList,
  KeySelf,
  RateList,
  Subscription
} from '@caicaini/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { z } from 'zod'
import type { CatalogFile } from '../src/catalog/schema.js'
import { until } from '../src/testing/server.js'
import { createSharedData, type TestProcess } from '../src/testing/shared-data.js'

const lessPro = (file: CatalogFile) => {
  const { pro } = file.plans
  if (pro) pro.monthly_credits = 20_000
}
const NOTICE = 'From 2026-11-22 the plan Pro has 20,000 credits a month (now 22,000).'

let data: ReturnType<typeof createSharedData>
let p: TestProcess
let key: string

/** Three weeks before the month's end, so that the seven days pass within it. */
beforeEach(async () => {
  data = createSharedData()
  p = await data.start()
  await p.send('POST', '/admin/api/users', { username: 'ada', plan: 'pro' })
  key = (await p.send<{ key: string }>('POST', '/api/keys?username=ada', { name: 'k' })).key
})
afterEach(async () => {
  expect((await p.get<AuditReport>('/admin/api/ledger/audit')).differences).toEqual([])
  await data.close()
})

async function restart(change?: (file: CatalogFile) => void): Promise<void> {
  await p.close()
  p = await data.start(change)
}
const changes = async () => (await p.get<{ changes: CatalogChange[] }>('/admin/api/catalog/changes')).changes
const subscription = () => p.get<Subscription>('/api/subscription', key)
const proCredits = async () =>
  (await p.get<{ plans: { name: string; monthly_credits: number }[] }>('/api/plans', key)).plans.find(
    ({ name }) => name === 'pro'
  )?.monthly_credits

test('what the file takes from a running subscription is told, and held for seven days', async () => {
  await restart(lessPro)
  expect(await changes()).toMatchObject([
    {
      state: 'pending',
      subject: 'plan:pro',
      accounts: 1,
      noticed_at: '2026-11-15T12:00:00.000Z',
      effective_at: '2026-11-22T12:00:00.000Z',
      reason: null
    }
  ])
  expect((await subscription()).notices).toEqual([NOTICE])
  expect((await p.get<KeySelf>('/api/keys/self', key)).notice).toBe(NOTICE)
  expect((await p.get<KeySelf>('/api/keys/self')).notice).not.toContain('Pro')
  expect(await proCredits()).toBe(22_000)

  data.clock.advance({ days: 6 })
  await restart(lessPro)
  expect(await changes()).toMatchObject([{ state: 'pending', effective_at: '2026-11-22T12:00:00.000Z' }])
  expect(await proCredits()).toBe(22_000)

  data.clock.advance({ days: 1 })
  expect(await proCredits()).toBe(20_000)
  expect((await subscription()).notices).toEqual([])
  data.clock.advance({ minutes: 1 })
  await until(async () => (await changes())[0]?.state === 'applied')
  data.clock.set(Date.UTC(2026, 11, 1))
  expect((await p.get<Balance>('/api/balance', key)).subscription).toBe(20_000)
  await restart(lessPro)
  expect(await changes()).toHaveLength(1)
})

test('two processes that start at once tell it once', async () => {
  const [one, two] = await Promise.all([data.start(lessPro), data.start(lessPro)])
  expect(await changes()).toHaveLength(1)
  for (const each of [one, two]) {
    expect((await each.get<Subscription>('/api/subscription', key)).notices).toEqual([NOTICE])
  }
})

test('a file that takes it back withdraws it', async () => {
  await restart(lessPro)
  await restart()
  expect(await changes()).toMatchObject([{ state: 'withdrawn' }])
  expect((await subscription()).notices).toEqual([])
  data.clock.set(Date.UTC(2026, 11, 1))
  expect((await p.get<Balance>('/api/balance', key)).subscription).toBe(22_000)
})

test('forcing it needs a reason, and is written down', async () => {
  await restart(lessPro)
  const [change] = await changes()
  const path = `/admin/api/catalog/changes/${change?.id}/force`
  expect((await p.ask('POST', path, { body: { reason: ' ' } })).status).toBe(400)
  expect((await p.ask('POST', path, { body: { reason: 'x' }, key })).status).toBe(403)
  data.clock.advance({ seconds: 1 })
  await p.send('POST', path, { reason: 'a typing error in the price' })
  expect(await proCredits()).toBe(20_000)
  expect(await changes()).toMatchObject([{ state: 'forced', reason: 'a typing error in the price' }])
  const { events } = await p.get<z.infer<typeof EventList>>('/admin/api/events?limit=1')
  expect(events).toMatchObject([{ action: 'catalog.force', actor: 'owner', subject: change?.id }])
  expect((await p.ask('POST', path, { body: { reason: 'again' } })).status).toBe(409)
  await restart(lessPro)
  expect(await changes()).toHaveLength(1)
})

test('what another process forces holds here within a minute', async () => {
  await restart(lessPro)
  const other = await data.start(lessPro)
  const [change] = await changes()
  await other.send('POST', `/admin/api/catalog/changes/${change?.id}/force`, { reason: 'agreed with all' })
  data.clock.advance({ minutes: 1 })
  await until(async () => (await proCredits()) === 20_000)
})

test('the accounts of a plan that is gone go on Free when its days are over', async () => {
  const withoutPro = (file: CatalogFile) => {
    delete file.plans.pro
  }
  await restart(withoutPro)
  expect((await subscription()).notices).toEqual([
    'From 2026-11-22 the plan Pro ends, and its accounts go on the plan Free.'
  ])
  data.clock.advance({ days: 6 })
  expect((await subscription()).plan).toBe('pro')
  data.clock.advance({ days: 1 })
  expect((await subscription()).plan).toBe('free')
  // What Pro gave this month stays; Free adds nothing to it.
  expect((await p.get<Balance>('/api/balance', key)).subscription).toBe(11_733.333333)
  data.clock.set(Date.UTC(2026, 11, 1))
  expect((await p.get<Balance>('/api/balance', key)).subscription).toBe(250)
})

test('a plan whose days were over while no server ran is followed by a whole month of Free', async () => {
  const withoutPro = (file: CatalogFile) => {
    delete file.plans.pro
  }
  await restart(withoutPro)
  await p.close()
  data.clock.set(Date.UTC(2026, 11, 3))
  p = await data.start(withoutPro)
  expect(await subscription()).toMatchObject({ plan: 'free', this_month: { credits: 250 } })
  expect(await changes()).toMatchObject([{ state: 'applied' }])
})

test('every rate that was ever published can be asked for', async () => {
  const version = 'claude-haiku-4-5@2025-10-15'
  const rates = async (query = '') => (await p.get<z.infer<typeof RateList>>(`/api/rates${query}`, key)).rates
  const whole = await rates()
  expect(whole.length).toBeGreaterThan(5)
  await restart((file) => {
    const haiku = file.models.find(({ id }) => id === 'claude-haiku-4-5')
    haiku?.rates.push({
      ...(haiku.rates[0] as CatalogFile['models'][0]['rates'][0]),
      from: '2027-01-01',
      input: 900000000
    })
    file.models = file.models.filter(({ id }) => id !== 'deepseek-chat')
  })
  expect((await rates()).map((rate) => rate.version)).toEqual(
    [...whole.map((rate) => rate.version), 'claude-haiku-4-5@2027-01-01'].sort()
  )
  expect(await rates(`?version=${version},deepseek-chat@2025-12-01&version=none`)).toMatchObject([
    { version, model: 'claude-haiku-4-5', rate: { from: '2025-10-15', input: 1000000000 } },
    { version: 'deepseek-chat@2025-12-01' }
  ])
  // As a receipt names it.
  expect(await rates(`?version=${version}/peak/over-200000`)).toMatchObject([{ version }])
})

test('a rate that was published stays what it was: another number stops the start, and enters nothing', async () => {
  await p.close()
  await expect(
    data.start((file) => {
      const [opus] = file.models
      if (opus?.rates[0]) opus.rates[0].output = 26000000000
      lessPro(file)
    })
  ).rejects.toThrow(/models\[0\]\.rates\[0\]: claude-opus-4-7@2026-04-16 .*append a new entry with a later day/)
  p = await data.start()
  expect(await changes()).toEqual([])
})
