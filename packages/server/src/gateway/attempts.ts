import { type Clock, sleep } from '../lib/clock.js'
import { type Breakers, breakerOf } from './breakers.js'
import type { Call, Target } from './call.js'
import { failed } from './providers/outcome.js'
import type { FailedEvent, ProviderEvent } from './providers/provider.js'

/** Largest answer that is read from a provider, in bytes. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024
/** All waits between the tries of one request together: nobody looks at an empty screen for longer. */
const WAIT_MS_MAX = 15_000
/** The first wait; each further one is up to three times as long, by chance, so that not all come back at once. */
const WAIT_MS = 300

export interface AttemptDeps {
  readonly clock: Clock
  readonly breakers: Breakers
  /** Between 0 and 1. */
  readonly random: () => number
}

/** The first thing that a provider said, and what is still to come; undefined where it said nothing. */
export interface FirstWord {
  readonly event: ProviderEvent | undefined
  readonly events: AsyncIterator<ProviderEvent>
}

/**
 * Asks one way after another until one answers, each as often as its provider may be tried. Only what
 * has given nothing yet is tried again, and only another model that the caller allowed is turned to:
 * a prompt goes nowhere unasked. The last failure is what the caller is told.
 */
export async function askInTurn(call: Call, deps: AttemptDeps): Promise<FirstWord> {
  const budget = { leftMs: WAIT_MS_MAX }
  let last: FirstWord | undefined
  for (const target of call.plan.targets) {
    if (last) call.turnTo(target)
    last = await askOften(call, target, { ...deps, budget })
    if (last.event?.type !== 'failed' || call.stoppedBy() !== undefined) return last
  }
  // There is a first target, always.
  return last as FirstWord
}

async function askOften(
  call: Call,
  target: Target,
  { clock, breakers, random, budget }: AttemptDeps & { budget: { leftMs: number } }
): Promise<FirstWord> {
  const name = breakerOf({ provider: target.provider.name, model: target.model.id })
  for (let tries = 1; ; tries++) {
    const waitS = breakers.waitS(name)
    if (waitS !== null) return { event: isDown(target, waitS), events: nothing() }
    const word = await askOnce(call, target)
    const { event } = word
    call.watch.firstWord(event)
    if (event === undefined) breakers.noteNothing(name)
    else if (event.type !== 'failed') breakers.noteSuccess(name)
    if (event?.type !== 'failed') return word
    breakers.noteFailure(name)
    const waitMs = event.retryAfterMs ?? WAIT_MS * 3 ** (tries - 1) * (0.5 + random() / 2)
    const isLast = tries >= target.triesMax || !event.shouldRetry || waitMs > budget.leftMs
    if (isLast || call.stoppedBy() !== undefined) return word
    call.noteFailure(event)
    budget.leftMs -= waitMs
    if (waitMs > 0) await sleep(clock, waitMs, call.stopSignal)
    if (call.stoppedBy() !== undefined) return { event: undefined, events: nothing() }
  }
}

async function askOnce(call: Call, { provider, request, timeouts }: Target): Promise<FirstWord> {
  const limits = { signal: call.stopSignal, ...timeouts, bodyBytesMax: ANSWER_BYTES_MAX }
  call.watch.asked()
  const events = provider.send(request, limits)[Symbol.asyncIterator]()
  const { value, done } = await events.next()
  return { event: done ? undefined : value, events }
}

function isDown({ modelUsed }: Target, waitS: number): FailedEvent {
  const message = `${modelUsed} is failing at its provider; try again in ${waitS} s, or another model`
  return failed({ code: 'overloaded', message, shouldRetry: true, retryAfterMs: waitS * 1000 })
}

async function* nothing(): AsyncGenerator<ProviderEvent> {}
