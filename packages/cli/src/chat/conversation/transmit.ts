import type { Context } from '../../context.js'
import type { CliError } from '../../lib/cli-error.js'
import type { ChatTurn } from '../state/conversation.js'
import { contextTokens, priceOf } from '../state/estimate.js'
import type { Ending } from '../state/session.js'
import type { Store } from '../state/store.js'
import type { Account } from './account.js'
import { headersOf, newMessageId, summaryTurn } from './content.js'
import { deliver } from './deliver.js'
import { createMend } from './mend.js'

/** A message on its way: what is asked, and where in the conversation it hangs. */
export interface Transmission {
  readonly asked: ChatTurn
  readonly before: readonly ChatTurn[]
  readonly model: string
  /** The answer stands for all before it from now on. */
  readonly summary: boolean
}

export interface TransmitDeps {
  readonly context: Context
  readonly account: Account
  readonly store: Store
  readonly signal: AbortSignal
}

/** How often the clock of an answer that is under way is shown anew. */
const TICK_MS = 250

/** Sends a message, shows its answer as it comes, and keeps both in the conversation where they were billed. */
export async function transmit(message: Transmission, deps: TransmitDeps): Promise<Ending> {
  const { asked, before, model, summary } = message
  const { context, account, store } = deps
  const { clock } = context
  const answerId = newMessageId(clock.nowMs())
  const turns = [...before, asked]
  const inputTokens = contextTokens({ conversation: { ...store.get().conversation, turns } })
  const live = { model, inputTokens, price: priceOf(account.knownModels(), model) }
  store.dispatch({ type: 'asked', shown: asked.shown, live, atMs: clock.nowMs() })
  const stopTicking = tick(deps)
  const outgoing = () => {
    const { id, saved, system } = store.get().conversation
    return {
      model,
      system,
      messages: turns.map(({ role, content }) => ({ role, content })),
      headers: saved ? headersOf(id, { asked, answerId, before, summary }) : undefined
    }
  }
  const how = await deliver(outgoing, { ...deps, mend: unsaving(deps) })
  stopTicking()
  const text = (store.get().live?.text ?? '').trimEnd()
  const answer: ChatTurn = {
    id: answerId,
    role: 'assistant',
    content: text,
    shown: text,
    model: how.receipt?.model_used ?? model,
    credits: how.receipt?.credits
  }
  store.dispatch({
    type: 'ended',
    how,
    turns: isKept(how, text) ? (summary ? [summaryTurn(answer)] : [...turns, answer]) : undefined
  })
  return how
}

/** A failed answer is asked again, not built upon, unless it was billed; neither can an empty one be sent back. */
function isKept({ kind, receipt }: Ending, text: string): boolean {
  return text !== '' && (kind !== 'failed' || (receipt?.credits ?? 0) > 0)
}

/** A key that may not keep chats chats all the same. */
function unsaving(deps: TransmitDeps): (error: CliError) => Promise<boolean> {
  const { store } = deps
  const mend = createMend(deps)
  return async (error) => {
    if (error.code !== 'scope' || !store.get().conversation.saved) return mend(error)
    store.dispatch({ type: 'conversation', change: { saved: false } })
    const text = 'This key cannot keep chats, so this one is not kept: caicaini auth login makes one that can.'
    store.dispatch({ type: 'print', content: { kind: 'notice', text } })
    return true
  }
}

function tick({ context: { clock }, store }: TransmitDeps): () => void {
  let cancel = () => {}
  const again = () => {
    store.dispatch({ type: 'tick', atMs: clock.nowMs() }, 'soon')
    cancel = clock.after(TICK_MS, again)
  }
  cancel = clock.after(TICK_MS, again)
  return () => cancel()
}
