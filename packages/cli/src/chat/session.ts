import { creditsFromJson, formatCredits, type Receipt } from '@caicaini/protocol'
import type { Turn } from '../lib/answer.js'
import { costLine, costUnknownLine, warningLines } from '../lib/cost-line.js'
import { creditsPhrase } from '../lib/money-text.js'
import { neutralise } from '../lib/sanitize.js'

/** Something printed once into the scrollback. `code` lines are never wrapped. */
export interface Block {
  readonly id: number
  readonly kind: 'question' | 'text' | 'code' | 'cost' | 'notice' | 'error'
  readonly text: string
}

/** The answer that is under way. */
export interface Live {
  readonly question: string
  readonly startedAtMs: number
  /** All of the answer so far. */
  readonly text: string
  /** Its last, unfinished line: what is not in the scrollback yet. */
  readonly pending: string
  readonly inCode: boolean
  /** What is waited for, when it is not the answer itself. */
  readonly waiting: string | undefined
  readonly stopping: boolean
}

export interface Session {
  readonly model: string
  readonly plan: string | undefined
  /** Credits; undefined until they are known. */
  readonly balance: number | undefined
  readonly blocks: readonly Block[]
  readonly live: Live | undefined
  /** The conversation as it is sent with the next question. */
  readonly turns: readonly Turn[]
  readonly answers: number
  readonly spentMicro: bigint
}

export type Action =
  | { readonly type: 'opened'; readonly plan: string; readonly balance: number; readonly notice: string | null }
  | { readonly type: 'asked'; readonly text: string; readonly atMs: number }
  | { readonly type: 'waiting'; readonly text: string | undefined }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'stopping' }
  | { readonly type: 'ended'; readonly how: Ending }
  | { readonly type: 'model'; readonly name: string }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'error'; readonly text: string }

/** How an answer ended: by itself, by the user, or badly. */
export interface Ending {
  readonly kind: 'complete' | 'stopped' | 'failed'
  readonly receipt: Receipt | undefined
  readonly requestId: string | undefined
  readonly message?: string
}

export function newSession({ model, greeting }: { model: string; greeting?: string }): Session {
  return {
    model,
    plan: undefined,
    balance: undefined,
    blocks: greeting === undefined ? [] : [{ id: 0, kind: 'notice', text: greeting }],
    live: undefined,
    turns: [],
    answers: 0,
    spentMicro: 0n
  }
}

export function reduce(session: Session, action: Action): Session {
  const { live } = session
  switch (action.type) {
    case 'opened': {
      const { plan, balance, notice } = action
      return { ...(notice ? print(session, 'notice', notice) : session), plan, balance }
    }
    case 'asked':
      return { ...print(session, 'question', action.text), live: newLive(action.text, action.atMs) }
    case 'waiting':
      return live ? { ...session, live: { ...live, waiting: action.text } } : session
    case 'delta':
      return live ? receive(session, live, action.text) : session
    case 'stopping':
      return live ? { ...session, live: { ...live, stopping: true, waiting: undefined } } : session
    case 'ended':
      return live ? end(session, live, action.how) : session
    case 'model':
      return { ...session, model: action.name }
    case 'notice':
    case 'error':
      return print(session, action.type, action.text)
  }
}

function newLive(question: string, startedAtMs: number): Live {
  return { question, startedAtMs, text: '', pending: '', inCode: false, waiting: undefined, stopping: false }
}

function print(session: Session, kind: Block['kind'], text: string): Session {
  return { ...session, blocks: [...session.blocks, { id: session.blocks.length, kind, text: neutralise(text) }] }
}

/** Finished lines go to the scrollback, the rest stays live, so that what repaints is never more than a line. */
function receive(session: Session, live: Live, text: string): Session {
  const lines = (live.pending + text).split('\n')
  const pending = lines.pop() ?? ''
  let { inCode } = live
  let printed = session
  for (const line of lines) {
    const fence = /^\s*(```|~~~)/.test(line)
    printed = print(printed, inCode || fence ? 'code' : 'text', line)
    if (fence) inCode = !inCode
  }
  return { ...printed, live: { ...live, text: live.text + text, pending, inCode, waiting: undefined } }
}

function end(session: Session, live: Live, { kind, receipt, requestId, message }: Ending): Session {
  let next = session
  if (live.pending) next = print(next, live.inCode ? 'code' : 'text', live.pending)
  if (kind === 'stopped') next = print(next, 'notice', 'stopped')
  if (message) next = print(next, 'error', message)
  if (receipt) next = print(next, 'cost', costLine(receipt, { why: true }))
  else if (kind !== 'failed') next = print(next, 'cost', costUnknownLine(requestId))
  for (const warning of receipt ? warningLines(receipt) : []) next = print(next, 'notice', warning)
  return {
    ...next,
    live: undefined,
    // A failed answer is asked again, not built upon; neither can an empty one be sent back.
    turns: kind === 'failed' || !live.text.trim() ? session.turns : [...session.turns, ...turnsOf(live)],
    balance: receipt?.balance ?? session.balance,
    answers: session.answers + (receipt ? 1 : 0),
    spentMicro: session.spentMicro + (receipt ? creditsFromJson(receipt.credits) : 0n)
  }
}

function turnsOf({ question, text }: Live): Turn[] {
  return [
    { role: 'user', content: question },
    { role: 'assistant', content: text.trimEnd() }
  ]
}

/** `3 answers · 12.4 credits · balance 9,900`. */
export function sessionTotal({ answers, spentMicro, balance }: Session): string {
  const spent = formatCredits(spentMicro)
  return [
    `${answers} ${answers === 1 ? 'answer' : 'answers'}`,
    `${spent} ${spent === '1' ? 'credit' : 'credits'}`,
    ...(balance === undefined ? [] : [`balance ${creditsPhrase(balance)}`])
  ].join(' · ')
}
