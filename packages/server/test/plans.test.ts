import { join } from 'node:path'
import type { AuditReport, Balance, EventList, PlanList, Subscription, User } from '@caicaini/protocol/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { openSqlite } from '../src/storage/sqlite.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { createSharedData, type TestProcess } from '../src/testing/shared-data.js'
import { answer } from '../src/testing/upstream.js'

/*
 * The fake clock begins on 15 November 2026 at noon: 16 of 30 days are left, today among them.
 */
const MONTH_END = Date.UTC(2026, 11, 1)
const PRO_PART = 11_733.333333
const FREE_PART = 133.333333

const ask = { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: 'hi' }] }

describe('a subscription', () => {
  let data: ReturnType<typeof createSharedData>
  let p: TestProcess
  let key: string

  beforeEach(async () => {
    data = createSharedData()
    p = await data.start()
  })
  afterEach(async () => {
    expect((await p.get<AuditReport>('/admin/api/ledger/audit')).differences).toEqual([])
    await data.close()
  })

  async function customer(plan?: string): Promise<void> {
    await p.send('POST', '/admin/api/users', { username: 'ada', ...(plan && { plan }) })
    key = (await p.send<{ key: string }>('POST', '/api/keys?username=ada', { name: 'k' })).key
  }
  const set = (plan: string, months?: number) =>
    p.send<Subscription>('PUT', '/admin/api/users/ada/subscription', { plan, ...(months && { months }) })
  const end = () => p.send<Subscription>('DELETE', '/admin/api/users/ada/subscription')
  const subscription = () => p.get<Subscription>('/api/subscription', key)
  const balance = async () => (await p.get<Balance>('/api/balance', key)).subscription
  const goTo = (atMs: number) => data.clock.set(atMs)

  test('a new account has Free, or the plan that was named, with its share of the month', async () => {
    await customer()
    expect(await subscription()).toEqual({
      username: 'ada',
      plan: 'free',
      plan_name: 'Free',
      since: '2026-11-15T12:00:00.000Z',
      this_month: { month: '2026-11', credits: FREE_PART, ends_at: '2026-12-01T00:00:00.000Z' },
      last_month: null,
      scheduled: null,
      notices: []
    })
    await p.send('POST', '/admin/api/users', { username: 'bob', plan: 'pro' })
    const bob = await p.get<Subscription>('/admin/api/users/bob/subscription')
    expect(bob).toMatchObject({ plan: 'pro', this_month: { credits: PRO_PART } })
  })

  test('each UTC month gives its credits once, and what was left of the last is gone', async () => {
    await customer('pro')
    goTo(MONTH_END - 1)
    expect(await balance()).toBe(PRO_PART)
    goTo(MONTH_END)
    expect(await balance()).toBe(22_000)
    expect(await balance()).toBe(22_000)
    goTo(Date.UTC(2027, 1, 28, 23, 59, 59, 999))
    expect(await balance()).toBe(22_000)
    const { grants } = await p.get<Balance>('/api/balance', key)
    expect(grants).toMatchObject([{ amount: 22_000, expires_at: '2027-03-01T00:00:00.000Z' }])
  })

  test('a clock that is set back gives nothing a second time', async () => {
    await customer('pro')
    goTo(MONTH_END)
    await balance()
    goTo(MONTH_END - 1000)
    expect((await subscription()).this_month?.credits).toBe(PRO_PART)
    goTo(MONTH_END + 1000)
    expect(await balance()).toBe(22_000)
  })

  test('up is at once, and gives the difference for the days that are left', async () => {
    await customer()
    const { plan, this_month } = await set('pro')
    // (22,000 − 250) × 16 ÷ 30, on top of what Free has given.
    expect({ plan, credits: this_month?.credits }).toEqual({ plan: 'pro', credits: FREE_PART + 11_600 })
    await set('power')
    expect(await balance()).toBe(30_666.666666)
    expect((await p.get<{ account: User }>('/api/keys/self', key)).account.plan).toBe('power')
    goTo(MONTH_END)
    expect(await balance()).toBe(57_500)
  })

  test('up from a plan that was lowered since gives no more than the dearer plan has', async () => {
    await customer('pro')
    goTo(MONTH_END)
    expect(await balance()).toBe(22_000)
    await p.close()
    p = await data.start((file) => Object.assign(file.plans.pro as object, { monthly_credits: 5_000 }))
    const { changes } = await p.get<{ changes: { id: string }[] }>('/admin/api/catalog/changes')
    await p.send('POST', `/admin/api/catalog/changes/${changes[0]?.id}/force`, { reason: 'test' })
    await set('power')
    expect(await balance()).toBe(57_500)
  })

  test('down is at the turn of the month, and can be taken back until then', async () => {
    await customer('power')
    expect(await set('pro')).toMatchObject({
      plan: 'power',
      last_month: '2026-11',
      scheduled: { plan: 'pro', begins_month: '2026-12', last_month: null }
    })
    expect(await set('starter')).toMatchObject({ scheduled: { plan: 'starter' } })
    expect(await set('power')).toMatchObject({ plan: 'power', last_month: null, scheduled: null })
    await set('starter', 2)
    goTo(MONTH_END)
    expect(await subscription()).toMatchObject({ plan: 'starter', last_month: '2027-01', scheduled: null })
    expect(await balance()).toBe(5_000)
    goTo(Date.UTC(2027, 1, 1))
    expect(await subscription()).toMatchObject({ plan: 'free', this_month: { credits: 250 } })
  })

  test('paid months are calendar months, the first one among them; Free follows', async () => {
    await customer()
    expect(await set('pro', 3)).toMatchObject({ last_month: '2027-01' })
    goTo(Date.UTC(2027, 0, 31, 23, 59, 59, 999))
    expect((await subscription()).plan).toBe('pro')
    goTo(Date.UTC(2027, 1, 1))
    expect((await subscription()).plan).toBe('free')
    expect(await balance()).toBe(250)
  })

  test('ending leaves the credits to the month’s end', async () => {
    await customer('pro')
    expect(await end()).toMatchObject({ plan: 'pro', last_month: '2026-11' })
    expect(await balance()).toBe(PRO_PART)
    goTo(MONTH_END)
    expect(await subscription()).toMatchObject({ plan: 'free', this_month: { credits: 250 } })
    expect((await p.ask('DELETE', '/admin/api/users/ada/subscription')).status).toBe(409)
  })

  test('two processes on one file make a month once', async () => {
    await customer('pro')
    const q = await data.start()
    goTo(MONTH_END)
    const asked = await Promise.all(
      [p, q, p, q].map((each) => each.get<Balance>('/api/balance', key).then((sheet) => sheet.subscription))
    )
    expect(asked).toEqual([22_000, 22_000, 22_000, 22_000])
  })

  test('nobody needs to ask: a sweep makes the month of all, at the start and every minute', async () => {
    await customer('pro')
    for (let i = 0; i < 230; i++) await p.send('POST', '/admin/api/users', { username: `u${i}` })
    goTo(MONTH_END)
    data.clock.advance({ minutes: 2 })
    const missing = async () =>
      (await p.get<{ users: User[] }>('/admin/api/users')).users.filter(
        ({ role, balance: has }) => role === 'user' && has !== 250 && has !== 22_000
      )
    await until(async () => (await missing()).length === 0)
    goTo(Date.UTC(2027, 0, 1))
    p = await data.start()
    await until(async () => (await missing()).length === 0)
  })

  test('an account from before there were subscriptions gets one of its plan', async () => {
    await p.close()
    const { db, close } = await openSqlite(join(data.dir, 'caicaini.sqlite'))
    const old = { role: 'user', tier: 'free', status: 'active', created_at_ms: 0n }
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto('account')
        .values({ ...old, id: 'acct_1', username: 'old', plan: 'pro' })
        .execute()
      await tx
        .insertInto('account')
        .values({ ...old, id: 'acct_2', username: 'older', plan: 'gone' })
        .execute()
    })
    await close()
    p = await data.start()
    const of = (username: string) => p.get<Subscription>(`/admin/api/users/${username}/subscription`)
    expect(await of('old')).toMatchObject({ plan: 'pro', this_month: { credits: PRO_PART } })
    expect(await of('older')).toMatchObject({ plan: 'free', this_month: { credits: FREE_PART } })
  })

  test('an account that was closed gets no plan, no month and no credits', async () => {
    await customer()
    const { db, close } = await openSqlite(join(data.dir, 'caicaini.sqlite'))
    await db
      .transaction()
      .execute((tx) => tx.updateTable('account').set({ status: 'closed' }).where('username', '=', 'ada').execute())
    await close()
    goTo(MONTH_END)
    const refused = await p.ask('PUT', '/admin/api/users/ada/subscription', { body: { plan: 'ultra' } })
    expect(refused).toMatchObject({
      status: 409,
      json: { error: { message: 'username: the account "ada" is closed' } }
    })
    expect((await p.ask('DELETE', '/admin/api/users/ada/subscription')).status).toBe(409)
    const { users } = await p.get<{ users: User[] }>('/admin/api/users')
    expect(users.find(({ username }) => username === 'ada')).toMatchObject({ plan: 'free', balance: 0 })
  })

  test('the plans say what a change today would cost and give', async () => {
    await customer('pro')
    const { plans } = await p.get<z.infer<typeof PlanList>>('/api/plans', key)
    expect(plans.map(({ name, current, change }) => ({ name, current, change }))).toEqual([
      {
        name: 'free',
        current: false,
        change: { kind: 'down', begins_month: '2026-12', price_usd_cents: 0, credits: 0 }
      },
      {
        name: 'starter',
        current: false,
        change: { kind: 'down', begins_month: '2026-12', price_usd_cents: 0, credits: 0 }
      },
      { name: 'pro', current: true, change: null },
      // (5,000 − 2,000) × 16 ÷ 30 cents.
      {
        name: 'power',
        current: false,
        change: { kind: 'up', begins_month: '2026-11', price_usd_cents: 1600, credits: 18_933.333333 }
      },
      {
        name: 'ultra',
        current: false,
        change: { kind: 'up', begins_month: '2026-11', price_usd_cents: 9600, credits: 116_266.666666 }
      }
    ])
    expect(plans[0]).toMatchObject({ scopes: ['api', 'web'], models: 'all', keys_max: 2, lowest_tier: 'free' })
  })

  test('the owner has every right and no subscription', async () => {
    expect(await p.get<Subscription>('/api/subscription')).toMatchObject({ since: null, this_month: null })
    const refused = await p.ask('PUT', '/admin/api/users/owner/subscription', { body: { plan: 'pro' } })
    expect(refused.status).toBe(409)
    expect((await p.ask('PUT', '/admin/api/users/ada/subscription', { body: { plan: 'pro' } })).status).toBe(404)
    await customer()
    expect(await p.ask('PUT', '/admin/api/users/ada/subscription', { body: { plan: 'gold' } })).toMatchObject({
      status: 400,
      json: { error: { message: 'plan: must be one of free, starter, pro, power, ultra, got "gold"' } }
    })
  })

  test('a plan has so many keys; the refusal names the plan that allows more', async () => {
    await customer()
    const create = (name: string) => p.ask<{ id: string }>('POST', '/api/keys?username=ada', { body: { name } })
    const second = await create('two')
    expect(second.status).toBe(201)
    expect(await create('three')).toMatchObject({
      status: 403,
      json: {
        error: {
          code: 'plan',
          message:
            'the plan Free allows 2 keys, and there are 2; the plan Starter allows 5. Revoke one that is not needed any more'
        }
      }
    })
    await p.send('POST', `/api/keys/${second.json.id}/revoke?username=ada`)
    expect((await create('three')).status).toBe(201)
  })

  test('of a plan that ended with the month no key is made any more, though nobody has looked yet', async () => {
    await customer('pro')
    await end()
    goTo(MONTH_END)
    const create = (name: string) => p.ask('POST', '/api/keys?username=ada', { body: { name } })
    expect([await create('two'), await create('three')].map(({ status }) => status)).toEqual([201, 403])
    expect((await p.get<{ account: User }>('/api/keys/self', key)).account.plan).toBe('free')
    expect((await p.get<{ account: User }>('/api/keys/self', key)).account.plan).toBe('free')
  })

  test('what operators did is written down, and stays', async () => {
    await customer()
    await set('pro', 2)
    await end()
    const { events: all } = await p.get<z.infer<typeof EventList>>('/admin/api/events')
    const events = all.filter(({ action }) => action !== 'key.create')
    expect(events.map(({ actor, action, subject, detail }) => [actor, action, subject, detail])).toEqual([
      ['owner', 'subscription.end', 'ada', { plan: 'pro', last_month: '2026-11' }],
      ['owner', 'subscription.set', 'ada', { from: 'free', plan: 'pro', kind: 'up', months: 2 }],
      ['owner', 'user.create', 'ada', { plan: 'free', tier: 'free' }]
    ])
    expect((await p.get<z.infer<typeof EventList>>('/admin/api/events?limit=1')).events).toHaveLength(1)
    expect((await p.ask('GET', '/admin/api/events', { key })).status).toBe(403)
  })

  test('payments promote, within five minutes, and never demote', async () => {
    await customer()
    const tier = async () => (await p.get<{ account: User }>('/api/keys/self', key)).account.tier
    const pay = (credits: number, kind = 'topup') =>
      p.send('POST', '/admin/api/credits/grant', { username: 'ada', credits, kind })
    await pay(600_000, 'adjustment')
    data.clock.advance({ minutes: 5 })
    expect(await tier()).toBe('free')
    await pay(10)
    data.clock.advance({ minutes: 5 })
    await until(async () => (await tier()) === 'pay_as_you_go')
    await pay(499_990)
    await p.close()
    p = await data.start()
    await until(async () => (await tier()) === 'high_volume')
  })
})

describe('a month turns', () => {
  let t: TestServer
  beforeEach(async () => {
    t = await createTestServer({ credits: 0, catalog: (shipped) => shipped })
  })
  afterEach(async () => {
    expect((await t.balance()).held).toBe(0)
    expect((await t.audit()).differences).toEqual([])
    await t.close()
  })

  test('the month ends meanwhile: what was held before is settled from the grants it was held from', async () => {
    const arrival = t.upstream.nextRequest()
    let release = () => {}
    t.upstream.play((response) => {
      release = () => answer(response)
    })
    const response = t.post(ask)
    await arrival
    t.clock.set(MONTH_END)
    release()
    const receipt = await t.receipt((await response).headers.get('request-id'))
    expect(receipt.credits).toBeGreaterThan(0)
    expect(receipt.from_subscription).toBe(receipt.credits)
    // Nothing of it came from the new month.
    expect(receipt.balance).toBe(0)
    expect((await t.balance()).balance).toBe(22_000)
  })

  test('the first request of the month is served from its credits, though no sweep has run', async () => {
    t.clock.set(MONTH_END)
    const response = await t.post(ask)
    expect(response.status).toBe(200)
    const { balance, from_subscription, credits } = await t.receipt(response.headers.get('request-id'))
    expect(from_subscription).toBe(credits)
    expect(balance + credits).toBe(22_000)
  })

  test('the plan that begins then judges the first request', async () => {
    await t.local('PUT', '/admin/api/users/ada/subscription', { plan: 'starter' })
    const fromCommand = { headers: { 'x-caicaini-client': 'cli/1' } }
    expect((await t.post(ask, fromCommand)).status).toBe(200)
    t.clock.set(MONTH_END)
    const refused = await t.post(ask, fromCommand)
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'plan',
        message: 'the plan Starter does not include the caicaini command; the plan Pro does'
      }
    })
    expect((await t.post(ask)).status).toBe(200)
  })
})
