import { creditsFromJson, type Receipt } from '@caicaini/protocol'
import { costLine, costUnknownLine, warningLines } from '../../lib/cost-line.js'
import { neutralise } from '../../lib/sanitize.js'
import { limitsOf } from '../../markdown/render.js'
import { advance, finish, newMarkdownStream } from '../../markdown/stream.js'
import type { Draft } from '../input/chips.js'
import type { Editor } from '../input/editor.js'
import type { Block, BlockContent } from './blocks.js'
import type { ChatTurn } from './conversation.js'
import {
  type Conversation,
  type Credits,
  type Ending,
  type Headroom,
  type Live,
  markdownLook,
  type Panel,
  type Session,
  type Viewport,
  type Waiting
} from './session.js'
import type { Colours } from './theme.js'

export type Action =
  | { readonly type: 'resized'; readonly viewport: Viewport }
  | { readonly type: 'opened'; readonly plan: string; readonly balance: Credits }
  | { readonly type: 'balance'; readonly balance: Credits }
  | { readonly type: 'headroom'; readonly headroom: Headroom | undefined }
  | { readonly type: 'editor'; readonly editor: Editor }
  | { readonly type: 'hint'; readonly text: string | undefined }
  | { readonly type: 'panel'; readonly panel: Panel | undefined }
  | { readonly type: 'queue'; readonly queue: readonly Draft[] }
  | {
      readonly type: 'asked'
      readonly shown: string
      readonly live: Pick<Live, 'model' | 'inputTokens' | 'price'>
      readonly atMs: number
    }
  | { readonly type: 'waiting'; readonly waiting: Waiting | undefined }
  | { readonly type: 'delta'; readonly text: string; readonly atMs: number }
  | { readonly type: 'tick'; readonly atMs: number }
  | { readonly type: 'stopping' }
  | { readonly type: 'ended'; readonly how: Ending; readonly turns: readonly ChatTurn[] | undefined }
  | { readonly type: 'settled'; readonly receipt: Receipt }
  | { readonly type: 'model'; readonly name: string }
  | { readonly type: 'colours'; readonly colours: Colours }
  | { readonly type: 'conversation'; readonly change: Partial<Conversation> }
  | { readonly type: 'print'; readonly content: BlockContent }

export function reduce(session: Session, action: Action): Session {
  const { live } = session
  switch (action.type) {
    case 'resized':
      return { ...session, viewport: action.viewport }
    case 'opened':
      return { ...session, plan: action.plan, balance: action.balance }
    case 'balance':
      return { ...session, balance: action.balance }
    case 'headroom':
      return { ...session, headroom: action.headroom }
    case 'editor':
      return { ...session, editor: action.editor }
    case 'hint':
      return session.hint === action.text ? session : { ...session, hint: action.text }
    case 'panel':
      return { ...session, panel: action.panel }
    case 'queue':
      return { ...session, queue: action.queue }
    case 'asked':
      return { ...print(session, { kind: 'question', text: action.shown }), live: newLive(action) }
    case 'waiting':
      return live ? { ...session, live: { ...live, waiting: action.waiting } } : session
    case 'delta':
      return live ? receive(session, live, action) : session
    case 'tick':
      return live ? { ...session, live: { ...live, nowMs: action.atMs } } : session
    case 'stopping':
      return live ? { ...session, live: { ...live, stopping: true, waiting: undefined } } : session
    case 'ended':
      return live ? end(session, live, action) : session
    case 'settled':
      return settle(session, action.receipt)
    case 'model':
      return { ...session, model: action.name }
    case 'colours':
      return { ...session, colours: action.colours }
    case 'conversation':
      return { ...session, conversation: { ...session.conversation, ...action.change } }
    case 'print':
      return print(session, action.content)
  }
}

function newLive({ live, atMs }: Extract<Action, { type: 'asked' }>): Live {
  return {
    ...live,
    startedAtMs: atMs,
    nowMs: atMs,
    text: '',
    markdown: newMarkdownStream(),
    waiting: undefined,
    stopping: false
  }
}

function print(session: Session, content: BlockContent): Session {
  const safe = 'text' in content ? { ...content, text: neutralise(content.text) } : content
  const block: Block = { ...safe, id: session.blocks.length }
  return { ...session, blocks: [...session.blocks, block] }
}

/** What the terminal keeps below what is being written: header, input, status. */
const ROWS_BELOW = 8

/** Finished parts go to the scrollback, the rest stays live, so that what repaints is never more than the screen. */
function receive(session: Session, live: Live, { text, atMs }: { text: string; atMs: number }): Session {
  const limits = limitsOf(markdownLook(session), Math.max(3, session.viewport.rows - ROWS_BELOW))
  const { stream, finished } = advance(live.markdown, text, limits)
  const printed = printAll(
    session,
    finished.map((piece) => ({ kind: 'markdown' as const, piece }))
  )
  return { ...printed, live: { ...live, text: live.text + text, markdown: stream, nowMs: atMs, waiting: undefined } }
}

function printAll(session: Session, contents: readonly BlockContent[]): Session {
  if (contents.length === 0) return session
  const first = session.blocks.length
  return { ...session, blocks: [...session.blocks, ...contents.map((content, i) => ({ ...content, id: first + i }))] }
}

function end(session: Session, live: Live, { how, turns }: Extract<Action, { type: 'ended' }>): Session {
  const { kind, receipt, requestId, message, seconds } = how
  let next = printAll(
    session,
    finish(live.markdown).map((piece) => ({ kind: 'markdown' as const, piece }))
  )
  if (kind === 'stopped') next = print(next, { kind: 'notice', text: 'stopped' })
  if (message) next = print(next, { kind: 'error', text: message })
  next = { ...next, live: undefined }
  if (turns) next = { ...next, conversation: { ...next.conversation, turns } }
  if (receipt) return settle(next, receipt, seconds)
  if (requestId === undefined) return next
  return print(
    { ...next, unsettled: [...next.unsettled, requestId] },
    { kind: 'cost', text: costUnknownLine(requestId) }
  )
}

/** A receipt, with its answer or, when the network was gone, later. */
function settle(session: Session, receipt: Receipt, seconds?: number): Session {
  const late = session.unsettled.includes(receipt.request_id)
  const line = costLine(receipt, { why: true, seconds })
  let next = print(session, { kind: 'cost', text: late ? `${line} · of the answer that was lost` : line })
  for (const text of warningLines(receipt)) next = print(next, { kind: 'notice', text })
  return {
    ...next,
    balance: charged(next.balance, receipt),
    answers: next.answers + 1,
    spentMicro: next.spentMicro + creditsFromJson(receipt.credits),
    unsettled: next.unsettled.filter((id) => id !== receipt.request_id)
  }
}

function charged(before: Credits | undefined, receipt: Receipt): Credits {
  const less = (part: number | undefined, by: number) =>
    part === undefined ? undefined : Math.max(0, (Math.round(part * 1e6) - Math.round(by * 1e6)) / 1e6)
  return {
    total: receipt.balance,
    subscription: less(before?.subscription, receipt.from_subscription),
    topup: less(before?.topup, receipt.from_topup)
  }
}
