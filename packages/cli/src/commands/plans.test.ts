import { describe, expect, test } from 'vitest'
import { runToExitCode } from '../run-process.js'
import { json, type Play, refusal } from '../testing/play-transport.js'
import { createTestContext, type TestOptions } from '../testing/test-context.js'

async function caicaini(words: string[], options: TestOptions = {}) {
  const t = createTestContext(options)
  const exit = await runToExitCode(words, t.facts)
  return { exit, out: t.stdout(), err: t.stderr(), requests: t.server.requests }
}

const NOTICE = 'From 2026-11-28 the plan Pro has 20,000 credits a month (now 22,000).'
const pro = {
  name: 'pro',
  display_name: 'Pro',
  price_usd_cents: 2000,
  monthly_credits: 22_000,
  scopes: ['api', 'cli', 'web'],
  models: 'all',
  lowest_tier: 'pay_as_you_go',
  keys_max: 20,
  discount_percent: 0,
  current: true,
  change: null
}
const up = { kind: 'up', begins_month: '2026-11', price_usd_cents: 1600, credits: 18_933.333333 }
const down = { kind: 'down', begins_month: '2026-12', price_usd_cents: 0, credits: 0 }
const subscription = {
  username: 'ada',
  plan: 'pro',
  plan_name: 'Pro',
  since: '2026-11-15T12:00:00.000Z',
  this_month: { month: '2026-11', credits: 11_733.333333, ends_at: '2026-12-01T00:00:00.000Z' },
  last_month: '2026-11',
  scheduled: { plan: 'starter', begins_month: '2026-12', last_month: null },
  notices: [NOTICE]
}
const change = {
  id: 'chg_1',
  state: 'pending',
  subject: 'plan:pro',
  taken: ['the plan Pro has 20,000 credits a month (now 22,000)'],
  accounts: 1200,
  noticed_at: '2026-11-21T12:00:00.000Z',
  effective_at: '2026-11-28T12:00:00.000Z',
  reason: null
}

describe('plans', () => {
  const plans = [
    { ...pro, name: 'starter', current: false, scopes: ['api'], models: ['claude-haiku-4-5'], change: down },
    pro,
    { ...pro, name: 'power', current: false, change: up }
  ]
  const play: Play = ({ path }) => (path === '/api/plans' ? json({ plans }) : json(subscription))

  test('say which is yours, what a change today would cost, and what is to come', async () => {
    const { out, err } = await caicaini(['plans'], { play })
    expect(out).toMatch(/^starter +20\.00 .* claude-haiku-4-5 .* from 2026-12 on$/m)
    expect(out).toMatch(/^pro +20\.00 +22,000 +api, cli, web +all +pay_as_you_go +20 +0% +yours$/m)
    expect(out).toMatch(/at once: US\$ 16\.00, 18,933\.33 credits for this month$/m)
    expect(err).toBe(`${NOTICE}\n`)
    const asJson = await caicaini(['plans', '--json'], { play })
    expect(JSON.parse(asJson.out).plans).toEqual(plans)
    expect(asJson.err).toBe(`${NOTICE}\n`)
  })

  test('a server that cannot say what is to come still says what there is', async () => {
    const half: Play = ({ path }) => (path === '/api/plans' ? json({ plans }) : refusal(404, 'not_found', 'no'))
    expect(await caicaini(['plans'], { play: half })).toMatchObject({ exit: 0, err: '' })
  })
})

test('the balance comes with what is to come, beside it', async () => {
  const play: Play = ({ path }) => (path === '/api/balance' ? json({ balance: 5 }) : json(subscription))
  expect(await caicaini(['balance'], { play })).toMatchObject({ exit: 0, out: '5 credits\n', err: `${NOTICE}\n` })
})

test('auth status has a line for each notice', async () => {
  const account = { username: 'ada', plan: 'pro', tier: 'free' }
  const key = { name: 'k', scope: 'api', hint: 'h' }
  const { out } = await caicaini(['auth', 'status'], { play: () => json({ account, key, notice: `one\n${NOTICE}` }) })
  expect(out).toContain('notice   one\n')
  expect(out).toContain(`notice   ${NOTICE}\n`)
})

describe('admin', () => {
  test('subscriptions are shown, set and ended', async () => {
    const play = () => json(subscription)
    const shown = await caicaini(['admin', 'subscriptions', 'show', 'ada'], { play })
    expect(shown.out).toMatch(/^plan +Pro \(pro\)$/m)
    expect(shown.out).toMatch(/^this month +11,733\.333333 credits, to 2026-12-01$/m)
    expect(shown.out).toMatch(/^then +starter from 2026-12$/m)
    expect(shown.err).toBe(`${NOTICE}\n`)
    const set = await caicaini(['admin', 'subscriptions', 'set', 'ada', 'pro', '--months', '3'], { play })
    expect(set.requests[0]).toMatchObject({ method: 'PUT', path: '/admin/api/users/ada/subscription' })
    expect(JSON.parse(set.requests[0]?.body ?? '')).toEqual({ plan: 'pro', months: 3 })
    const ended = await caicaini(['admin', 'subscriptions', 'end', 'ada', '--json'], { play })
    expect(ended.requests[0]).toMatchObject({ method: 'DELETE', path: '/admin/api/users/ada/subscription' })
    expect(JSON.parse(ended.out)).toEqual(subscription)
  })

  test('changes of the catalog are listed, and forced with a reason', async () => {
    const list = await caicaini(['admin', 'catalog', 'changes'], { play: () => json({ changes: [change] }) })
    expect(list.out).toMatch(/^chg_1 +pending +2026-11-28 +1,200 +the plan Pro has 20,000 credits a month/m)
    expect((await caicaini(['admin', 'catalog', 'force', 'chg_1'])).exit).toBe(2)
    const words = ['admin', 'catalog', 'force', 'chg_1', '--reason', 'a slip']
    const forced = await caicaini(words, { play: () => json({ ...change, state: 'forced', reason: 'a slip' }) })
    expect(forced.err).toContain('in force now for 1,200 accounts')
    expect(JSON.parse(forced.requests[0]?.body ?? '')).toEqual({ reason: 'a slip' })
  })

  test('what operators did is listed', async () => {
    const event = {
      id: 'evt_1',
      at: '2026-11-21T12:00:00.000Z',
      actor: 'owner',
      action: 'catalog.force',
      subject: 'chg_1',
      detail: { reason: 'a slip' }
    }
    const t = await caicaini(['admin', 'events', '--limit', '5'], { play: () => json({ events: [event] }) })
    expect(t.requests[0]?.path).toBe('/admin/api/events?limit=5')
    expect(t.out).toMatch(/^2026-11-21 12:00:00 +owner +catalog\.force +chg_1 +\{"reason":"a slip"\}$/m)
  })
})
