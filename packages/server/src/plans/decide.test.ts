import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PlanEntry } from '../catalog/schema.js'
import { shippedCatalog } from '../testing/catalog.js'
import { decideChange, decideTurn, levelOf, monthlyMicro, refuseKeyBeyond, type Term } from './decide.js'
import { addMonths, monthOf, prorate } from './months.js'

const { plans } = shippedCatalog()
const entry = (price: number, credits: number): PlanEntry => ({
  ...(plans.pro as PlanEntry),
  price_usd_cents: price,
  monthly_credits: credits
})
const term = (fields: Partial<Term>): Term => ({
  id: 'sub_1',
  plan: 'pro',
  beginsMonth: '2026-10',
  lastMonth: null,
  baseMonthly: 0n,
  ...fields
})

describe('the turn of a month', () => {
  const all = () => true
  const running = term({ lastMonth: '2026-11' })
  const scheduled = term({ id: 'sub_2', plan: 'starter', beginsMonth: '2026-12' })

  test.each([
    ['a plan goes on in its last month', { running, scheduled }, '2026-11', all, 'stays'],
    ['what waits begins after it', { running, scheduled }, '2026-12', all, 'scheduled'],
    ['Free follows where nothing waits', { running, scheduled: undefined }, '2026-12', all, 'free'],
    [
      'what waited may be over, after a long night',
      { running, scheduled: term({ beginsMonth: '2026-12', lastMonth: '2026-12' }) },
      '2027-01',
      all,
      'free'
    ],
    ['a plan that is gone does not go on', { running, scheduled }, '2026-11', (plan: string) => plan !== 'pro', 'free'],
    ['nor does one begin', { running, scheduled }, '2026-12', (plan: string) => plan !== 'starter', 'free']
  ])('%s', (_what, standing, month, offered, turn) => {
    expect(decideTurn(standing, month, offered)).toBe(turn)
  })
})

describe('a change', () => {
  const nowMs = Date.UTC(2026, 10, 15, 12)
  const change = (from: PlanEntry, to: PlanEntry, months?: number) =>
    decideChange({ from, to, same: false, level: monthlyMicro(from), months, nowMs })

  test('up goes by the price, then by the credits', () => {
    expect(change(entry(10, 100), entry(11, 50)).kind).toBe('up')
    expect(change(entry(10, 100), entry(10, 100)).kind).toBe('up')
    expect(change(entry(10, 100), entry(10, 99)).kind).toBe('down')
    expect(change(entry(10, 100), entry(9, 200)).kind).toBe('down')
  })

  test('months are counted from the first one of the plan', () => {
    expect(change(entry(10, 100), entry(20, 200), 3)).toMatchObject({ beginsMonth: '2026-11', lastMonth: '2027-01' })
    expect(change(entry(20, 200), entry(10, 100), 1)).toMatchObject({ beginsMonth: '2026-12', lastMonth: '2026-12' })
  })

  test('a dearer plan with fewer credits gives nothing, and takes nothing', () => {
    expect(change(entry(10, 100), entry(11, 50))).toMatchObject({ kind: 'up', credits: 0n, priceCents: 0n })
  })

  test('no way through the plans of a month gives more than the richest of them would have', () => {
    const step = fc.record({ credits: fc.integer({ min: 0, max: 1_000_000 }), hours: fc.integer({ min: 0, max: 60 }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let atMs = Date.UTC(2026, 10, 1)
        let from = entry(0, 250)
        let level = monthlyMicro(from)
        let given = prorate(level, atMs)
        let richest = level
        for (const [price, { credits, hours }] of steps.entries()) {
          atMs += hours * 3_600_000
          const to = entry(price + 1, credits)
          const made = decideChange({ from, to, same: false, level, nowMs: atMs })
          given += made.kind === 'up' ? made.credits : 0n
          level = levelOf(term({ beginsMonth: monthOf(atMs), baseMonthly: level }), to, { given: 0n, nowMs: atMs })
          richest = richest > monthlyMicro(to) ? richest : monthlyMicro(to)
          from = to
        }
        expect(given <= richest).toBe(true)
      })
    )
  })

  test('what a plan replaced counts in that month alone', () => {
    const running = term({ beginsMonth: '2026-11', baseMonthly: monthlyMicro(entry(1, 500)) })
    expect(levelOf(running, entry(2, 100), { given: 0n, nowMs })).toBe(monthlyMicro(entry(1, 500)))
    expect(levelOf({ ...running, beginsMonth: addMonths('2026-11', -1) }, entry(2, 100), { given: 0n, nowMs })).toBe(
      monthlyMicro(entry(2, 100))
    )
  })
})

test('one key more than a plan allows is refused with the next that has room', () => {
  expect(() => refuseKeyBeyond(plans, 'free', 1)).not.toThrow()
  expect(() => refuseKeyBeyond(plans, 'free', 2)).toThrow(/Free allows 2 keys.*Starter allows 5/)
  // More than Starter has room for: after a plan has become smaller.
  expect(() => refuseKeyBeyond(plans, 'free', 9)).toThrow(/the plan Pro allows 20/)
  expect(() => refuseKeyBeyond(plans, 'ultra', 200)).toThrow(/no plan allows more/)
})
