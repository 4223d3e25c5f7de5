import { CHAT_HEADERS } from '@caicaini/protocol'
import type { Context } from '../../context.js'
import type { CliError } from '../../lib/cli-error.js'
import { priceOf } from '../../lib/estimate.js'
import type { ChatTurn } from '../state/conversation.js'
import { contextTokens } from '../state/estimate.js'
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

/** How it ended, and whether message and answer are part of the conversation now. */
export type Transmitted = Ending & { readonly isKept: boolean }

export interface TransmitDeps {
  readonly context: Context
  readonly account: Account
  readonly store: Store
  readonly signal: AbortSignal
}

/** How often the clock of an answer that is under way is shown anew. */
const TICK_MS = 250

/** Sends a message, shows its answer as it comes, and keeps both in the conversation where they were billed. */
export async function transmit(message: Transmission, deps: TransmitDeps): Promise<Transmitted> {
  const { asked, before, model, summary } = message
  const { context, account, store } = deps
  const { clock } = context
  const answerId = newMessageId(clock.nowMs())
  const turns = [...before, asked]
  const inputTokens = contextTokens({ conversation: { ...store.get().conversation, turns } })
  const live = { model, inputTokens, price: priceOf(account.knownModels(), model) }
  store.dispatch({ type: 'asked', shown: asked.shown, live, atMs: clock.nowMs() })
  const stopTicking = tick(deps)
  const keeping = createKeeping(before, deps)
  const outgoing = () => {
    const { id: chatId, saved, system } = store.get().conversation
    const place = { chatId, asked: asked.id, answer: answerId, parent: keeping.parent(), summary }
    return {
      model,
      system,
      messages: turns.map(({ role, content }) => ({ role, content })),
      headers: saved ? headersOf(place) : undefined
    }
  }
  const how = await deliver(outgoing, { ...deps, mend: keeping.mend })
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
  const isKept = isBuiltUpon(how, text)
  const next = summary ? [summaryTurn(answer)] : [...turns, answer]
  store.dispatch({ type: 'ended', how, turns: isKept ? next : undefined })
  if (isKept && how.kind === 'failed') {
    store.dispatch({ type: 'print', content: { kind: 'notice', text: 'What came is kept; /retry asks again.' } })
  }
  return { ...how, isKept }
}

/** A failed answer is asked again, not built upon, unless it is billed; neither can an empty one be sent back. */
function isBuiltUpon({ kind, receipt, isLost }: Ending, text: string): boolean {
  const isBilled = receipt ? receipt.credits > 0 : isLost
  return text !== '' && (kind !== 'failed' || isBilled === true)
}

/** What the message hangs below, and what is done where the server cannot keep it there. */
function createKeeping(before: readonly ChatTurn[], deps: TransmitDeps) {
  const { account, store } = deps
  const mendOther = createMend(deps)
  let parent = before.at(-1)?.id
  let isParentSought = false
  const say = (text: string) => store.dispatch({ type: 'print', content: { kind: 'notice', text } })

  /** A server that was killed may not have kept what was said last: then it goes on from what it has. */
  async function seekParent(): Promise<boolean> {
    isParentSought = true
    const stored = await account.api().chatMessages(store.get().conversation.id)
    const ids = new Set(stored.map(({ id }) => id))
    parent = before.findLast(({ id }) => ids.has(id))?.id
    say('The server has not kept all of what was said before: the chat goes on from what it has.')
    return true
  }

  return {
    parent: () => parent,
    async mend(error: CliError): Promise<boolean> {
      const { saved } = store.get().conversation
      if (saved && error.code === 'scope') {
        store.dispatch({ type: 'conversation', change: { saved: false } })
        say('This key cannot keep chats, so this one is not kept: caicaini auth login makes one that can.')
        return true
      }
      if (saved && !isParentSought && error.code === 'not_found' && error.message.includes(CHAT_HEADERS.parent)) {
        return seekParent()
      }
      return mendOther(error)
    }
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
