import { EXIT, type Receipt } from '@caicaini/protocol'
import type { Context } from '../../context.js'
import { type Answer, ask, DEFAULT_MAX_TOKENS, type Turn } from '../../lib/answer.js'
import { unkeptNotice } from '../../lib/chat-headers.js'
import { CliError } from '../../lib/cli-error.js'
import { sleep } from '../../lib/clock.js'
import { explainDegraded } from '../../lib/degraded.js'
import { settledReceipt } from '../../lib/settled-receipt.js'
import type { Ending } from '../state/session.js'
import type { Store } from '../state/store.js'
import type { Account } from './account.js'
import { headroomOf } from './headroom.js'
import { decidePatiently } from './patience.js'

export interface Outgoing {
  readonly model: string
  readonly system: string | undefined
  readonly messages: readonly Turn[]
  readonly headers: Readonly<Record<string, string>> | undefined
}

export interface DeliverDeps {
  readonly context: Pick<Context, 'clock' | 'random'>
  readonly account: Account
  readonly store: Store
  /** Aborted to stop the answer. */
  readonly signal: AbortSignal
  /** Called with what refused the message before anything of an answer came; true = it may be sent again now. */
  readonly mend: (error: CliError) => Promise<boolean>
}

/** Sends a message until its answer has ended in one way or another; never rejects. The text lies in the session. */
export async function deliver(message: () => Outgoing, deps: DeliverDeps): Promise<Ending> {
  const { account, context, signal } = deps
  const { clock } = context
  const startedAtMs = clock.nowMs()
  let answer: Answer | undefined
  const told = (how: Pick<Ending, 'kind'> & Partial<Ending>): Ending => ({
    receipt: undefined,
    requestId: answer?.requestId,
    seconds: (clock.nowMs() - startedAtMs) / 1000,
    ...how
  })
  try {
    answer = await openMending(message, deps)
    return told({ kind: 'complete', receipt: (await receive(answer, deps)) ?? (await receiptOf(answer, deps)) })
  } catch (error) {
    const receipt = answer && (await receiptOf(answer, deps))
    if (signal.aborted) return told({ kind: 'stopped', receipt })
    const explained = await explainDegraded(error, { api: account.api(), model: message().model })
    const isLost = error instanceof CliError && error.exit === EXIT.cutShort
    return told({ kind: 'failed', receipt, isLost, message: (explained as Error).message })
  }
}

function receiptOf({ requestId }: Answer, { account, context: { clock } }: DeliverDeps): Promise<Receipt | undefined> {
  return settledReceipt(requestId, { api: account.api(), clock })
}

async function openMending(message: () => Outgoing, deps: DeliverDeps): Promise<Answer> {
  for (;;) {
    try {
      return await open(message(), deps)
    } catch (error) {
      if (deps.signal.aborted || !(error instanceof CliError) || !(await deps.mend(error))) throw error
    }
  }
}

function open({ model, messages, system, headers }: Outgoing, deps: DeliverDeps): Promise<Answer> {
  const { account, context, store, signal } = deps
  const { clock, random } = context
  return ask(
    { model, maxTokens: DEFAULT_MAX_TOKENS, system, messages, headers },
    {
      api: account.api(),
      clock,
      random,
      signal,
      decide: decidePatiently,
      onWait: ({ error, waitMs }) => countDown(error, waitMs, { clock, store, signal })
    }
  )
}

async function countDown(
  { exit, message }: CliError,
  waitMs: number,
  { clock, store, signal }: Pick<DeliverDeps, 'store' | 'signal'> & Pick<Context, 'clock'>
): Promise<void> {
  const untilMs = clock.nowMs() + waitMs
  for (let leftMs = waitMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
    const what = `${exit === EXIT.network ? 'reconnecting' : 'sending again'} in ${Math.ceil(leftMs / 1000)} s`
    store.dispatch({ type: 'waiting', waiting: { what, why: message } })
    await sleep(clock, Math.min(leftMs, 1000), signal)
  }
  store.dispatch({ type: 'waiting', waiting: undefined })
}

async function receive(
  { events, headers }: Answer,
  { store, context: { clock } }: DeliverDeps
): Promise<Receipt | undefined> {
  store.dispatch({ type: 'headroom', headroom: headroomOf(headers) })
  const unkept = unkeptNotice(headers)
  if (unkept) store.dispatch({ type: 'print', content: { kind: 'notice', text: unkept } })
  for await (const event of events) {
    if (event.type === 'end') return event.receipt
    store.dispatch({ type: 'delta', text: event.text, atMs: clock.nowMs() }, 'soon')
  }
  return undefined
}
