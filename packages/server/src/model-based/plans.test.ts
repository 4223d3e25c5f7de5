import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plansProgram, runPlans } from './run-plans.js'
import { soak } from './soak.js'

/*
 * Random lives of subscriptions: up, down, ended, over the turns of months, asked for and swept by two
 * processes at once, under a clock that jumps both ways. Each subscription gives each month once, as
 * much as the plain rules say, and no month gives more than the richest plan in it.
 */
test('plans give what the plain rules say, each month once', async () => {
  const steps = await soak({
    of: 'plans',
    stepsLeast: 4_000,
    property: (count) => fc.asyncProperty(plansProgram, async (each) => count(await runPlans(each)))
  })
  expect(steps).toBeGreaterThanOrEqual(4_000)
}, 0)
