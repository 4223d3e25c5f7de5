import fc from 'fast-check'
import { expect, test } from 'vitest'
import { program } from './programs.js'
import { runProgram } from './run-program.js'
import { soak } from './soak.js'

/*
 * Random programs of everything that can happen to credits, run on the ledger and on books so plain
 * that one sees they are right. After each step all figures are the same, the sums come out, nothing
 * is negative; every request ends once.
 */
test('the ledger does what the plain books say', async () => {
  const steps = await soak({
    of: 'ledger',
    stepsLeast: 10_000,
    property: (count) => fc.asyncProperty(program, async (each) => count(await runProgram(each)))
  })
  expect(steps).toBeGreaterThanOrEqual(10_000)
}, 0)
