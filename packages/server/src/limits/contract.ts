import { describe } from 'vitest'
import { accountContract } from './contract/account.js'
import { allOrNothingContract } from './contract/all-or-nothing.js'
import { requestsContract } from './contract/requests.js'
import { slotsContract } from './contract/slots.js'
import type { CreateLimiter } from './contract/start.js'
import { tokensContract } from './contract/tokens.js'

/** What every limiter must do, whatever it keeps its counts in. */
export function limiterContract(name: string, createLimiter: CreateLimiter): void {
  describe(`${name}: the limiter's contract`, () => {
    requestsContract(createLimiter)
    tokensContract(createLimiter)
    slotsContract(createLimiter)
    allOrNothingContract(createLimiter)
    accountContract(createLimiter)
  })
}
