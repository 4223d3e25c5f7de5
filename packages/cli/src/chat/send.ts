import type { Dispatch } from 'react'
import type { Context } from '../context.js'
import { type Answer, ask, DEFAULT_MAX_TOKENS, type Turn } from '../lib/answer.js'
import type { ApiClient } from '../lib/api-client.js'
import { sleep } from '../lib/clock.js'
import { explainDegraded } from '../lib/degraded.js'
import { explainCredits } from '../lib/out-of-credits.js'
import { settledReceipt } from '../lib/settled-receipt.js'
import type { Action, Ending } from './session.js'

/** What arrives within this time is shown together: a terminal shows no more than 30 pictures a second. */
const GATHER_MS = 30

export interface Message {
  readonly text: string
  readonly model: string
  readonly turns: readonly Turn[]
  readonly system: string | undefined
}

export interface SendDeps extends Pick<Context, 'clock' | 'random' | 'target'> {
  readonly api: ApiClient
  readonly dispatch: Dispatch<Action>
  /** Aborted to stop the answer. */
  readonly signal: AbortSignal
}

/** Sends a message and tells `dispatch` what happens, until the answer has ended in one way or another. */
export async function send(message: Message, deps: SendDeps): Promise<Ending> {
  const { clock, dispatch, signal, api } = deps
  dispatch({ type: 'asked', text: message.text, atMs: clock.nowMs() })
  let answer: Answer | undefined
  let ending: Ending
  try {
    answer = await open(message, deps)
    ending = { kind: 'complete', receipt: await receive(answer, deps), requestId: answer.requestId }
  } catch (error) {
    const kind = signal.aborted ? 'stopped' : 'failed'
    const told = await explainCredits(error, { api, local: deps.target().kind === 'local' })
    const { message: text } = (await explainDegraded(told, { api, model: message.model })) as Error
    ending = { kind, receipt: undefined, requestId: answer?.requestId, ...(kind === 'failed' ? { message: text } : {}) }
  }
  const receipt = ending.receipt ?? (await settledReceipt(answer?.requestId, { api, clock }))
  const whole = { ...ending, receipt }
  dispatch({ type: 'ended', how: whole })
  return whole
}

function open({ model, text, turns, system }: Message, { api, clock, random, dispatch, signal }: SendDeps) {
  const messages = [...turns, { role: 'user', content: text } as const]
  return ask(
    { model, maxTokens: DEFAULT_MAX_TOKENS, system, messages },
    {
      api,
      clock,
      random,
      signal,
      async onWait({ error, waitMs }) {
        for (let leftMs = waitMs; leftMs > 0; leftMs -= 1000) {
          dispatch({ type: 'waiting', text: `${error.message}; trying again in ${Math.ceil(leftMs / 1000)} s` })
          await sleep(clock, Math.min(leftMs, 1000), signal)
        }
        dispatch({ type: 'waiting', text: undefined })
      }
    }
  )
}

async function receive({ events }: Answer, { clock, dispatch }: SendDeps): Promise<Ending['receipt']> {
  let gathered = ''
  let cancel = () => {}
  const flush = () => {
    cancel()
    if (gathered) dispatch({ type: 'delta', text: gathered })
    gathered = ''
  }
  try {
    for await (const event of events) {
      if (event.type === 'end') return event.receipt
      if (!gathered) cancel = clock.after(GATHER_MS, flush)
      gathered += event.text
    }
    return undefined
  } finally {
    flush()
  }
}
