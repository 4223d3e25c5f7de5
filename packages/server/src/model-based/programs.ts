import fc from 'fast-check'
import type { GrantKind } from '../ledger/model.js'

/*
 * Random programs: what people, operators, processes and clocks do to a ledger, in whatever order.
 * Numbers that name something (a key, a request) are taken modulo what there is when they run.
 */

const HOUR_MS = 3_600_000
const micro = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 400_000n }))

/** Few credits, so that programs run out of them; now and then next to none. */
const amount = fc.oneof(
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 100n }) },
  { weight: 5, arbitrary: fc.bigInt({ min: 1_000_000n, max: 60_000_000n }) },
  // Round ones, so that charges come to just 80 and 95 percent of them.
  { weight: 3, arbitrary: fc.constantFrom(5_000_000n, 10_000_000n, 20_000_000n) }
)

/** Mostly nothing: `value` once in so many times. */
function seldom<T>(times: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value })
}

const grant = fc.record({
  kind: fc.constant('grant' as const),
  account: fc.nat(2),
  of: fc.constantFrom<GrantKind>('subscription', 'subscription', 'topup', 'promotion', 'adjustment'),
  /** Now and then more than an account can have: that is refused, and the others of its batch are not. */
  amount: fc.oneof(
    { weight: 15, arbitrary: amount },
    { weight: 1, arbitrary: fc.constant(2n ** 32n * 1_000_000n + 1n) }
  ),
  /** Ends so many hours from now, or with the UTC month; null = never. */
  ends: fc.oneof(fc.constant(null), fc.constant('month' as const), fc.integer({ min: 1, max: 100 })),
  /** Names an earlier grant's reference instead of one of its own. */
  again: seldom(8, fc.nat(99))
})

const hold = fc.record({
  kind: fc.constant('hold' as const),
  key: fc.nat(99),
  inputMicro: micro,
  /** Cost units beside whole micro-credits: what is rounded up. */
  inputRest: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 99_999_999n })),
  /** Micro-credits a token. */
  rate: fc.constantFrom(0n, 1n, 33_333n, 200_000n, 1_000_000n),
  wanted: fc.nat(40),
  /** Tokens fewer than wanted that still are worth a call. */
  slack: fc.nat(40),
  repeat: seldom(4, fc.nat(4))
})

/** Mostly of a request that is still open. */
const which = fc.record({ open: seldom(4, fc.constant(true)).map((any) => any === null), index: fc.nat(999) })

/** `eighths` of what was held, and some more: up to half as much again. */
const eighths = fc.oneof(fc.nat(8), fc.nat(12))
const settle = fc.record({
  kind: fc.constant('settle' as const),
  which,
  eighths,
  more: fc.oneof(fc.constant(0n), micro)
})
const release = fc.record({ kind: fc.constant('release' as const), which })

const take = fc.record({
  kind: fc.constant('take' as const),
  process: fc.nat(1),
  account: fc.nat(2),
  of: fc.constantFrom('forfeit' as const, 'adjust' as const),
  /** null: everything, where it is forfeited. */
  amount: seldom(2, amount),
  again: seldom(5, fc.nat(99))
})

/** What goes through the queue: several at once become one transaction, or as many as it takes. */
const op = fc.oneof(
  { weight: 4, arbitrary: grant },
  { weight: 9, arbitrary: hold },
  { weight: 7, arbitrary: settle },
  { weight: 2, arbitrary: release }
)

const process = fc.nat(1)

const together = fc.record({
  kind: fc.constant('together' as const),
  process,
  /** Each account's from a process of its own, side by side. */
  split: fc.boolean(),
  ops: fc.array(op, { minLength: 1, maxLength: 6, size: 'max' })
})

const clock = fc.oneof(
  fc.record({
    kind: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 10_000, 31_000, HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS)
  }),
  /** To the turn of the UTC day or month, or a millisecond beside it. */
  fc.record({
    kind: fc.constant('turn' as const),
    of: fc.constantFrom('day' as const, 'day' as const, 'month' as const),
    beside: fc.integer({ min: -1, max: 1 })
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(-1000, -3 * HOUR_MS, -50 * HOUR_MS) })
)

const step = fc.oneof(
  { weight: 14, arbitrary: together },
  { weight: 4, arbitrary: clock },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), process }) },
  { weight: 2, arbitrary: take },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refund' as const), process, which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const), process }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), process, killed: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sleep' as const), process }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wake' as const) }) },
  /** The sleeper wakes between another's finding it dead and the release of what it held. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wakeLate' as const), ask: hold }) },
  /** Both processes end the same request at the same time. */
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('race' as const), which, ends: fc.tuple(release, settle) })
  }
)

export type Op = typeof op extends fc.Arbitrary<infer T> ? T : never
export type GrantAsk = typeof grant extends fc.Arbitrary<infer T> ? T : never
export type HoldAsk = typeof hold extends fc.Arbitrary<infer T> ? T : never
export type Which = typeof which extends fc.Arbitrary<infer T> ? T : never
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

export interface Program {
  /** A file of their own, a connection for each process; else both share one in memory. */
  readonly onDisk: boolean
  /** Of each key, in credits; 0 = none. */
  readonly limits: readonly number[]
  readonly steps: readonly Step[]
}

export const KEYS = 7

export const program: fc.Arbitrary<Program> = fc.record({
  onDisk: fc.nat(7).map((n) => n === 7),
  limits: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90 })), { minLength: KEYS, maxLength: KEYS }),
  steps: fc.array(step, { minLength: 1, maxLength: 80, size: 'max' })
})
