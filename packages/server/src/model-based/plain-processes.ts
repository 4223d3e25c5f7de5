import type { PlainBooks } from './plain-books.js'

/* Who runs, sleeps and has died, in the plainest words: leases of 30 seconds, and what is given back. */

const LEASE_MS = 30_000

interface Run {
  readonly id: string
  epoch: bigint
  leaseUntilMs: number
  isAlive: boolean
  isEnded: boolean
}

export class PlainProcesses {
  /** Which of the two sleeps: never both. */
  sleeper: number | undefined
  readonly #runs: Run[] = []
  readonly #current: Run[] = []
  readonly #now: () => number
  readonly #books: PlainBooks

  constructor(now: () => number, books: PlainBooks) {
    this.#now = now
    this.#books = books
  }

  /** That process, or the other one while it sleeps. */
  awake(index: number): number {
    const wanted = index % 2
    return wanted === this.sleeper ? 1 - wanted : wanted
  }

  started(index: number, { id, epoch }: { id: string; epoch: bigint }): void {
    const run: Run = { id, epoch, leaseUntilMs: this.#now() + LEASE_MS, isAlive: true, isEnded: false }
    this.#runs.push(run)
    this.#current[index] = run
  }

  stopped(index: number, { killed }: { killed: boolean }): void {
    const run = this.#run(index)
    run.isAlive = false
    // One that stops in order is done with, unless it leaves something held.
    if (!killed && !this.#holdsSomething(run)) run.isEnded = true
    if (this.sleeper === index) this.sleeper = undefined
  }

  identity(index: number): { instanceId: string; epoch: bigint } {
    const { id: instanceId, epoch } = this.#run(index)
    return { instanceId, epoch }
  }

  sleep(index: number): void {
    this.sleeper ??= index
  }

  wake(): void {
    this.sleeper = undefined
  }

  /** A lease that ran out begins a new epoch. */
  beat(index: number): void {
    const run = this.#run(index)
    if (run.leaseUntilMs <= this.#now()) run.epoch++
    run.leaseUntilMs = this.#now() + LEASE_MS
  }

  findDead(index: number): { id: string; epoch: bigint; gone: boolean }[] {
    const others = this.#runs.filter((run) => run !== this.#run(index) && !run.isEnded)
    return others
      .filter((run) => !run.isAlive || run.leaseUntilMs <= this.#now())
      .map(({ id, epoch, isAlive }) => ({ id, epoch, gone: !isAlive }))
  }

  sweep(index: number): void {
    for (const { id, epoch, gone } of this.findDead(index)) {
      this.#books.recover(id, epoch)
      const run = this.#runs.find((each) => each.id === id)
      if (run && gone) run.isEnded = true
    }
  }

  #run(index: number): Run {
    const run = this.#current[index]
    if (!run) throw new Error('bug: a process that was never started')
    return run
  }

  #holdsSomething({ id }: Run): boolean {
    return [...this.#books.holds.values()].some(({ state, instanceId }) => state === 'held' && instanceId === id)
  }
}
