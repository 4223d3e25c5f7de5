import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { ResolveResult } from '../ledger/model.js'
import { compare, compareReceipts } from './compare.js'
import { PlainBooks } from './plain-books.js'
import { PlainProcesses } from './plain-processes.js'
import type { GrantAsk, HoldAsk, Op, Program, Step, Which } from './programs.js'
import { context, outcome, refusal, told, turnAfter } from './told.js'
import { ACCOUNTS, keySetups, openWorld, type Process, type World } from './world.js'

/** Steps between two audits of the whole: each is dearer than all that it looks at. */
const AUDIT_EVERY = 10

/** Runs a program on the ledger and on the plain books, and compares after each step; how many operations that were. */
export async function runProgram({ onDisk, limits, steps }: Program): Promise<number> {
  const keys = keySetups(limits)
  const world = await openWorld({ onDisk, keys })
  try {
    const run = new ProgramRun(world, new PlainBooks(world.clock.nowMs, keys))
    await run.begin()
    for (const [index, step] of steps.entries()) {
      await run.take(step)
      await compare(run.db, run.books, world.clock.nowMs)
      if (index % AUDIT_EVERY === AUDIT_EVERY - 1) await run.audit()
    }
    await run.audit()
    await compareReceipts(run.db, run.books, run.receipts)
    return run.count
  } finally {
    await world.close()
  }
}

/** What the ledger promised, and what the plain books say of the same. */
interface Asked {
  readonly got: Promise<unknown>
  readonly expected: unknown
}

interface Request {
  readonly id: string
  readonly keyId: string
}

class ProgramRun {
  readonly world: World
  readonly books: PlainBooks
  readonly processes: PlainProcesses
  /** Told to clients, by request. */
  readonly receipts = new Map<string, ResolveResult & { ok: true }>()
  count = 0
  readonly #requests: Request[] = []
  readonly #references: string[] = []

  constructor(world: World, books: PlainBooks) {
    this.world = world
    this.books = books
    this.processes = new PlainProcesses(world.clock.nowMs, books)
  }

  get db() {
    return this.#process(this.processes.awake(0)).storage.db
  }

  async begin(): Promise<void> {
    for (const index of [0, 1]) this.processes.started(index, this.#process(index).instances.current())
  }

  async audit(): Promise<void> {
    const { differences, holdsOpen } = await this.#process(this.processes.awake(1)).ledger.audit()
    deepStrictEqual(differences, [])
    strictEqual(holdsOpen, [...this.books.holds.values()].filter(({ state }) => state === 'held').length)
  }

  async take(step: Step): Promise<void> {
    this.count++
    switch (step.kind) {
      case 'together':
        this.count += step.ops.length - 1
        return this.#together(step)
      case 'wait':
        return this.#setClock(this.world.clock.nowMs() + step.ms)
      case 'turn':
        return this.#setClock(turnAfter(step.of, this.world.clock.nowMs()) + step.beside)
      case 'expire':
        this.books.expire()
        return this.#process(this.processes.awake(step.process)).ledger.expire()
      case 'refund':
        return this.#refund(step)
      case 'take':
        return this.#take(step)
      case 'sweep': {
        const index = this.processes.awake(step.process)
        this.processes.sweep(index)
        return this.#process(index).sweep()
      }
      case 'restart':
        return this.#restart(step)
      case 'sleep':
        return this.processes.sleep(step.process % 2)
      case 'wake':
        return this.#wake()
      case 'wakeLate':
        return this.#wakeLate(step.ask)
      case 'race':
        return this.#race(step)
    }
  }

  async #together({ ops, process, split }: Step & { kind: 'together' }): Promise<void> {
    const asked = ops.map((op) => this.#submit(op, this.processes.awake(split ? this.#accountOf(op) : process)))
    const got = await Promise.all(asked.map(({ got: each }) => each))
    for (const [index, { expected }] of asked.entries()) deepStrictEqual(told(got[index]), expected)
  }

  #accountOf(op: Op): number {
    if (op.kind === 'grant') return op.account
    const keyId = op.kind === 'hold' ? this.#keyId(op.key) : this.#request(op.which)?.keyId
    return Math.max(
      0,
      ACCOUNTS.findIndex((id) => id === this.books.keys.get(keyId ?? '')?.accountId)
    )
  }

  #submit(op: Op, process: number): Asked {
    switch (op.kind) {
      case 'grant':
        return this.#grant(op, process)
      case 'hold':
        return this.#hold(op, process)
      case 'settle':
      case 'release':
        return this.#resolve(op, process)
    }
  }

  #grant({ account, of: kind, amount, ends, again }: GrantAsk, process: number): Asked {
    const nowMs = this.world.clock.nowMs()
    const hours = typeof ends === 'number' ? nowMs + ends * 3_600_000 : null
    // Credits of a subscription always end.
    const expiresAtMs = ends === 'month' || (kind === 'subscription' && !hours) ? turnAfter('month', nowMs) : hours
    const ask = { accountId: this.#account(account), kind, amount, reference: this.#reference(again) }
    const got = this.#process(process).ledger.grant({ ...ask, ...(expiresAtMs !== null && { expiresAtMs }) })
    const expected = this.books.grant({ ...ask, expiresAtMs, id: this.world.ids.last })
    return { got: got.catch(refusal), expected: expected ?? 'refused' }
  }

  #hold({ key, inputMicro, inputRest, rate, wanted, slack, repeat }: HoldAsk, process: number): Asked {
    const { ledger, instances } = this.#process(process)
    const requestId = this.world.ids.next('req')
    const keyId = this.#keyId(key)
    const { accountId = '', parentId = null } = this.books.keys.get(keyId) ?? {}
    const ask = {
      requestId,
      keyId,
      repeatKey: repeat === null ? null : `repeat ${repeat}`,
      inputCost: inputMicro * 100_000_000n + inputRest,
      outputRate: rate * 100_000_000n,
      tokensWanted: wanted,
      tokensLeast: Math.max(0, wanted - slack)
    }
    this.#requests.push({ id: requestId, keyId })
    const { id: instanceId, epoch } = instances.current()
    deepStrictEqual({ instanceId, epoch }, this.processes.identity(process))
    const got = ledger.hold({ ...ask, accountId, parentKeyId: parentId, context }).durable
    return { got, expected: this.books.hold({ ...ask, instanceId, epoch }) }
  }

  #resolve(op: (Op | Step) & { kind: 'settle' | 'release' }, process: number): Asked {
    const request = this.#request(op.which)
    const charge = op.kind === 'settle' ? this.#charge(op, request?.id) : 0n
    const id = request?.id ?? 'req_none'
    const got = this.#end({ kind: op.kind, charge, request }, process)
    return { got, expected: op.kind === 'settle' ? this.books.settle(id, charge) : this.books.release(id) }
  }

  #charge({ eighths, more }: { eighths: number; more: bigint }, requestId = ''): bigint {
    return ((this.books.holds.get(requestId)?.amount ?? 0n) * BigInt(eighths)) / 8n + more
  }

  async #end(
    { kind, charge, request }: { kind: 'settle' | 'release'; charge: bigint; request: Request | undefined },
    process: number
  ): Promise<ResolveResult> {
    const { id: requestId = 'req_none', keyId = 'key_0' } = request ?? {}
    const { ledger } = this.#process(process)
    const { accountId = '', parentId: parentKeyId = null } = this.books.keys.get(keyId) ?? {}
    const of = { requestId, accountId, keyId, parentKeyId }
    const end =
      kind === 'settle'
        ? ledger.settle({ ...of, charge, outcome: outcome('complete') })
        : ledger.release({ ...of, outcome: outcome('failed'), errorCode: 'upstream_error' })
    const result = await end
    if (!result.ok) return result
    ok(!this.receipts.has(requestId), `${requestId} ends once`)
    this.receipts.set(requestId, result)
    return result
  }

  async #take({ process, account, of: kind, amount: some, again }: Step & { kind: 'take' }): Promise<void> {
    const amount = some ?? (kind === 'adjust' ? 1n : null)
    const ask = { kind, accountId: this.#account(account), amount, reference: this.#reference(again) }
    const { ledger, storage } = this.#process(this.processes.awake(process))
    const work = storage.db.transaction().execute((tx) => ledger.takeIn(tx, { ...ask, detail: { by: 'op' } }))
    deepStrictEqual(await work.catch(refusal), this.books.take(ask) ?? 'refused')
  }

  async #refund({ process, which }: Step & { kind: 'refund' }): Promise<void> {
    const requestId = this.#request(which)?.id ?? 'req_none'
    const accountId = this.books.holds.get(requestId)?.accountId ?? ACCOUNTS[0]
    const { ledger, storage } = this.#process(this.processes.awake(process))
    const work = storage.db
      .transaction()
      .execute((tx) => ledger.refundIn(tx, [{ accountId, requestId }], { by: 'op', reason: 'bad hour' }))
    deepStrictEqual(await work, [this.books.refund(requestId, this.world.ids.last)])
  }

  async #restart({ process, killed }: Step & { kind: 'restart' }): Promise<void> {
    const index = process % 2
    // Nobody stops a sleeper but the power cut.
    const isKilled = killed || this.processes.sleeper === index
    this.processes.stopped(index, { killed: isKilled })
    await this.world.restart(index, { killed: isKilled })
    this.processes.started(index, this.#process(index).instances.current())
  }

  async #setClock(atMs: number): Promise<void> {
    this.world.setClock(atMs)
    for (const index of [0, 1]) if (this.processes.sleeper !== index) await this.#beat(index)
  }

  async #wake(): Promise<void> {
    const { sleeper } = this.processes
    if (sleeper === undefined) return
    this.processes.wake()
    await this.#beat(sleeper)
  }

  async #beat(index: number): Promise<void> {
    await this.#process(index).instances.beat()
    this.processes.beat(index)
  }

  async #wakeLate(ask: HoldAsk): Promise<void> {
    const { sleeper } = this.processes
    if (sleeper === undefined) return
    const { ledger, instances } = this.#process(1 - sleeper)
    const dead = await instances.findDead()
    deepStrictEqual(dead, this.processes.findDead(1 - sleeper))
    await this.#wake()
    const { got, expected } = this.#hold(ask, sleeper)
    deepStrictEqual(await got, expected)
    for (const { id, epoch } of dead) strictEqual(await ledger.recover(id, epoch), this.books.recover(id, epoch))
  }

  async #race({ which, ends }: Step & { kind: 'race' }): Promise<void> {
    const [release, settle] = ends
    const request = this.#request(which)
    const charge = this.#charge(settle, request?.id)
    const both = await Promise.all([
      this.#end({ kind: release.kind, charge, request }, this.processes.awake(0)),
      this.#end({ kind: settle.kind, charge, request }, this.processes.awake(1))
    ])
    const [released, settled] = both
    const id = request?.id ?? 'req_none'
    const first = released.ok ? this.books.release(id) : this.books.settle(id, charge)
    deepStrictEqual(told(released.ok ? released : settled), first)
    if (released.ok || settled.ok) strictEqual(released.ok, !settled.ok)
    deepStrictEqual(released.ok ? settled : released, this.books.release(id))
  }

  #process(index: number): Process {
    return this.world.process(index)
  }

  #account(index: number): string {
    return ACCOUNTS[index] ?? ACCOUNTS[0]
  }

  #keyId(index: number): string {
    return `key_${index % this.books.keys.size}`
  }

  #request({ open, index }: Which) {
    const held = open ? this.#requests.filter(({ id }) => this.books.holds.get(id)?.state === 'held') : []
    const among = held.length > 0 ? held : this.#requests
    return among[index % among.length]
  }

  #reference(again: number | null): string {
    const earlier = again === null ? undefined : this.#references[again % this.#references.length]
    if (earlier !== undefined) return earlier
    const fresh = `reference ${this.#references.length}`
    this.#references.push(fresh)
    return fresh
  }
}
