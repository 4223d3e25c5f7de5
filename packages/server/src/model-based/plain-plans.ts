/*
 * Subscriptions in the plainest words: what runs, what waits, and what each month gave. Months are
 * counted from the year 0, credits are micro-credits.
 */

export interface PlainPlan {
  readonly name: string
  readonly priceCents: number
  readonly monthly: bigint
}

export interface PlainSubscription {
  readonly plan: PlainPlan
  readonly begins: number
  last: number | null
  /** What a month gave that this one took over from within it. */
  readonly base: bigint
  readonly given: Map<number, bigint>
}

export interface PlainSubscriber {
  /** All there ever were, oldest first. */
  readonly all: PlainSubscription[]
  running: PlainSubscription
  waiting: PlainSubscription | null
}

export function monthNumber(atMs: number): number {
  const date = new Date(atMs)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

export class PlainPlans {
  readonly subscribers: PlainSubscriber[] = []
  /** By process: the month that it has last seen to, of each account and of all. */
  readonly #seen = new Map<string, number>()
  readonly #plans: ReadonlyMap<string, PlainPlan>
  readonly #now: () => number

  constructor(now: () => number, plans: readonly PlainPlan[]) {
    this.#now = now
    this.#plans = new Map(plans.map((plan) => [plan.name, plan]))
  }

  create(name: string): void {
    const first = this.#begin(this.#plan(name), { last: null, base: 0n })
    first.given.set(this.#month(), this.#share(first.plan.monthly))
    this.subscribers.push({ all: [first], running: first, waiting: null })
  }

  /** The plan in force. A process that has seen to the account's month does not look again within it. */
  current(index: number, process: number): string {
    const subscriber = this.#subscriber(index)
    const seen = `${process} ${index}`
    if (this.#seen.get(seen) !== this.#month()) this.#turn(subscriber)
    this.#seen.set(seen, this.#month())
    return subscriber.running.plan.name
  }

  sweep(process: number): void {
    const seen = `${process} all`
    if (this.#seen.get(seen) === this.#month()) return
    this.#seen.set(seen, this.#month())
    for (const [index, subscriber] of this.subscribers.entries()) {
      if (subscriber.running.given.has(this.#month())) continue
      this.#turn(subscriber)
      this.#seen.set(`${process} ${index}`, this.#month())
    }
  }

  /** False: refused, for the clock is in a month before one that was given. */
  change(index: number, name: string, { months, process }: { months: number | null; process: number }): boolean {
    const subscriber = this.#subscriber(index)
    if (this.#isSetBack(subscriber)) return false
    this.#turn(subscriber)
    this.#seen.set(`${process} ${index}`, this.#month())
    const [from, to] = [subscriber.running.plan, this.#plan(name)]
    const lastFrom = (first: number) => (months === null ? null : first + months - 1)
    subscriber.waiting = null
    if (from === to) {
      subscriber.running.last = lastFrom(this.#month())
      return true
    }
    const isUp = from.priceCents === to.priceCents ? to.monthly >= from.monthly : to.priceCents > from.priceCents
    if (!isUp) {
      subscriber.running.last = this.#month()
      const begins = this.#month() + 1
      subscriber.waiting = { plan: to, begins, last: lastFrom(begins), base: 0n, given: new Map() }
      subscriber.all.push(subscriber.waiting)
      return true
    }
    // What this month's credits stand for already is not given again.
    const { begins, base } = subscriber.running
    const level = begins === this.#month() && base > from.monthly ? base : from.monthly
    const next = this.#begin(to, { last: lastFrom(this.#month()), base: level })
    next.given.set(this.#month(), to.monthly > level ? this.#share(to.monthly - level) : 0n)
    this.#run(subscriber, next)
    return true
  }

  /** False: refused, as a change is; and Free does not end. */
  end(index: number, process: number): boolean {
    const subscriber = this.#subscriber(index)
    // Refused, the whole transaction is as if it had not been: the month is not made either.
    if (this.#isSetBack(subscriber) || this.#turned(subscriber).running.plan.name === 'free') return false
    this.#turn(subscriber)
    this.#seen.set(`${process} ${index}`, this.#month())
    subscriber.waiting = null
    subscriber.running.last = this.#month()
    return true
  }

  /** Micro-credits that a month gave an account. */
  givenIn(subscriber: PlainSubscriber, month: number): bigint {
    return subscriber.all.reduce((sum, { given }) => sum + (given.get(month) ?? 0n), 0n)
  }

  #isSetBack(subscriber: PlainSubscriber): boolean {
    return Math.max(...this.#turned(subscriber).running.given.keys()) > this.#month()
  }

  #turned(subscriber: PlainSubscriber): PlainSubscriber {
    const copy = structuredClone({ ...subscriber })
    this.#turn(copy)
    return copy
  }

  #turn(subscriber: PlainSubscriber): void {
    const month = this.#month()
    const holds = ({ last }: PlainSubscription) => last === null || month <= last
    const { waiting } = subscriber
    if (!holds(subscriber.running)) {
      if (waiting && waiting.begins <= month && holds(waiting)) {
        subscriber.running = waiting
        subscriber.waiting = null
      } else {
        const isLater = waiting !== null && waiting.begins > month
        if (!isLater) subscriber.waiting = null
        const free = this.#plan('free')
        const wasGiven = subscriber.running.given.has(month)
        const last = isLater ? waiting.begins - 1 : null
        const next = this.#begin(free, { last, base: wasGiven ? free.monthly : 0n })
        next.given.set(month, wasGiven ? 0n : free.monthly)
        this.#run(subscriber, next)
      }
    }
    const { running } = subscriber
    // A clock set back to before it began gets nothing of it.
    if (month >= running.begins && !running.given.has(month)) running.given.set(month, running.plan.monthly)
  }

  #begin(plan: PlainPlan, { last, base }: { last: number | null; base: bigint }): PlainSubscription {
    return { plan, begins: this.#month(), last, base, given: new Map() }
  }

  #run(subscriber: PlainSubscriber, next: PlainSubscription): void {
    subscriber.all.push(next)
    subscriber.running = next
  }

  /** The part of a month's amount for the days left of it, today among them. */
  #share(monthly: bigint): bigint {
    const now = new Date(this.#now())
    const days = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate()
    return (monthly * BigInt(days - now.getUTCDate() + 1)) / BigInt(days)
  }

  #month(): number {
    return monthNumber(this.#now())
  }

  #plan(name: string): PlainPlan {
    const plan = this.#plans.get(name)
    if (!plan) throw new Error(`bug: no plan ${name}`)
    return plan
  }

  #subscriber(index: number): PlainSubscriber {
    const subscriber = this.subscribers[index]
    if (!subscriber) throw new Error(`bug: no account ${index}`)
    return subscriber
  }
}
