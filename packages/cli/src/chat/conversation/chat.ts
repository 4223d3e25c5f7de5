import type { Context } from '../../context.js'
import { interrupted } from '../../lib/cli-error.js'
import type { History } from '../files/history-file.js'
import { asTyped, type Draft, isEmpty, NO_DRAFT, shownText } from '../input/chips.js'
import { emptied, withDraft } from '../input/editor.js'
import type { BlockContent } from '../state/blocks.js'
import type { ChatTurn } from '../state/conversation.js'
import type { Ending } from '../state/session.js'
import type { Store } from '../state/store.js'
import { newMessageId, userTurn } from './content.js'
import { type CostQuestionDeps, isCostTaken } from './cost-question.js'
import { createLateReceipts } from './late-receipts.js'
import { type Transmission, type Transmitted, transmit } from './transmit.js'

export interface ChatDeps extends CostQuestionDeps {
  readonly context: Context
  readonly history: History
}

/** The conversation: one answer at a time, and what waits for it. */
export interface Chat {
  isBusy(): boolean
  /** Sends a draft, or keeps it until the answer that is under way has ended. */
  send(draft: Draft): Promise<void>
  /** Answers a message again; both answers are kept. */
  again(asked: ChatTurn, before: readonly ChatTurn[], model?: string): Promise<void>
  /** Asks for a summary, which stands for the conversation from now on. */
  summarise(prompt: string): Promise<Ending | undefined>
  /** Sends the first message that waits; nothing where none does. */
  sendNext(): void
  stop(): void
  /** Stops what is under way and waits until its cost is known. */
  settle(): Promise<void>
  say(text: string): void
  fail(error: unknown): void
  print(content: BlockContent): void
}

export function createChat(deps: ChatDeps): Chat {
  const { context, account, store, history } = deps
  const { clock } = context
  const late = createLateReceipts({ account, store, clock })
  /** From the question what it may cost to the end of the answer: one at a time. */
  let current: { controller: AbortController; done: Promise<unknown> } | undefined
  /** A message without an answer keeps its id, so that it is one in the account's history when it is sent again. */
  let failed: ChatTurn | undefined
  const print = (content: BlockContent) => store.dispatch({ type: 'print', content })
  const fail = (error: unknown) => print({ kind: 'error', text: (error as Error).message })
  const queue = (drafts: readonly Draft[]) => store.dispatch({ type: 'queue', queue: drafts })

  async function alone<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const done = act(controller.signal)
    current = { controller, done: done.catch(() => {}) }
    try {
      return await done
    } finally {
      current = undefined
    }
  }

  async function run(message: Transmission, signal: AbortSignal): Promise<Transmitted> {
    const how = await transmit(message, { context, account, store, signal })
    if (how.requestId !== undefined && !how.receipt) late.watch(how.requestId)
    return how
  }

  async function deliverTurn(
    { asked, before, model }: Pick<Transmission, 'asked' | 'before' | 'model'>,
    signal: AbortSignal
  ): Promise<Transmitted | undefined> {
    if (!(await isCostTaken([...before, asked], model, deps)) || signal.aborted) return undefined
    const how = await run({ asked, before, model, summary: false }, signal)
    failed = how.isKept ? undefined : asked
    return how
  }

  async function send(draft: Draft): Promise<void> {
    if (isEmpty(draft)) return
    if (current) return queue([...store.get().queue, draft])
    const shown = shownText(draft)
    const { conversation, model: usual } = store.get()
    history.add(shown, { kept: conversation.saved })
    const id = failed?.shown === shown ? failed.id : newMessageId(clock.nowMs())
    const asked = userTurn({ shown, draft }, id)
    const message = { asked, before: conversation.turns, model: draft.model ?? usual }
    const how = await alone(async (signal) => {
      const ended = await deliverTurn(message, signal)
      if (!ended?.isKept) giveBack(draft, store)
      return ended
    })
    if (how?.kind === 'complete') sendNext()
  }

  function sendNext(): void {
    const [first, ...rest] = store.get().queue
    if (!first || current) return
    queue(rest)
    void send(first).catch(fail)
  }

  const stop = () => {
    if (!current || current.controller.signal.aborted) return
    store.dispatch({ type: 'stopping' })
    current.controller.abort(interrupted())
  }
  return {
    isBusy: () => current !== undefined,
    send,
    async again(asked, before, model) {
      const message = { asked, before, model: model ?? store.get().model }
      const how = await alone((signal) => deliverTurn(message, signal))
      if (how?.kind === 'complete') sendNext()
    },
    summarise(prompt) {
      const asked = userTurn({ shown: prompt, draft: { ...NO_DRAFT, text: prompt } }, newMessageId(clock.nowMs()))
      const { conversation, model } = store.get()
      return alone((signal) => run({ asked, before: conversation.turns, model, summary: true }, signal))
    },
    sendNext,
    stop,
    async settle() {
      stop()
      await current?.done
      late.stop()
    },
    say: (text) => print({ kind: 'notice', text }),
    fail,
    print
  }
}

/** What was not answered is there again, to be sent once more or changed. */
function giveBack(draft: Draft, { get, dispatch }: Store): void {
  const { editor, queue } = get()
  if (editor.buffer.text !== '') dispatch({ type: 'queue', queue: [draft, ...queue] })
  else dispatch({ type: 'editor', editor: withDraft(emptied(editor), asTyped(draft)) })
}
