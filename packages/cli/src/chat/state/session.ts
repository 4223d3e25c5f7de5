import type { Receipt } from '@caicaini/protocol'
import type { MarkdownLook } from '../../markdown/look.js'
import type { MarkdownStream } from '../../markdown/stream.js'
import type { Draft } from '../input/chips.js'
import { type Editor, NEW_EDITOR } from '../input/editor.js'
import type { Block } from './blocks.js'
import type { ChatTurn } from './conversation.js'
import type { Colours } from './theme.js'

/** All that the chat shows and sends. Plain data; `reduce` alone makes the next one. */
export interface Session {
  readonly viewport: Viewport
  readonly colours: Colours
  /** The terminal makes links of what is marked as one (OSC 8). */
  readonly links: boolean
  /** For screen readers: text in order, nothing drawn. */
  readonly plain: boolean
  /** Whether new chats are kept: not after --no-save. */
  readonly savesChats: boolean
  readonly model: string
  readonly plan: string | undefined
  readonly balance: Credits | undefined
  readonly headroom: Headroom | undefined
  readonly blocks: readonly Block[]
  readonly live: Live | undefined
  readonly editor: Editor
  /** Messages that wait for the answer that is under way. */
  readonly queue: readonly Draft[]
  readonly panel: Panel | undefined
  /** Said below the input until the next key. */
  readonly hint: string | undefined
  readonly conversation: Conversation
  /** What this session was billed, over every conversation in it. */
  readonly answers: number
  readonly spentMicro: bigint
  /** Answers whose receipt is not here yet. */
  readonly unsettled: readonly string[]
}

export interface Viewport {
  readonly columns: number
  readonly rows: number
}

/** Credits of the wire; the parts are undefined until `/api/balance` told them. */
export interface Credits {
  readonly total: number
  readonly subscription: number | undefined
  readonly topup: number | undefined
}

/** What the rate limits leave: the scarcer of requests and tokens. */
export interface Headroom {
  /** 0 to 1. */
  readonly left: number
  readonly text: string
}

/** The messages that are sent with the next one, and where they are kept. */
export interface Conversation {
  /** Made by us; the server learns it with the first message. */
  readonly id: string
  readonly title: string | undefined
  /** Whether the server keeps it. */
  readonly saved: boolean
  readonly system: string | undefined
  readonly turns: readonly ChatTurn[]
}

/** What is waited for, when it is not the answer itself, and why. */
export interface Waiting {
  readonly what: string
  readonly why: string
}

/** The answer that is under way. */
export interface Live {
  readonly model: string
  readonly startedAtMs: number
  /** Now, as of the last tick. */
  readonly nowMs: number
  readonly text: string
  readonly markdown: MarkdownStream
  /** Of the message and all before it. */
  readonly inputTokens: number
  /** Credits per million tokens; undefined while the model is not known. */
  readonly price: { readonly input: number; readonly output: number } | undefined
  readonly waiting: Waiting | undefined
  readonly stopping: boolean
}

/** What takes the keys while it is open. */
export type Panel =
  | {
      readonly kind: 'pick'
      readonly title: string
      readonly items: readonly PickItem[]
      readonly filter: string
      readonly index: number
    }
  | { readonly kind: 'confirm'; readonly text: string; readonly yes: string; readonly no: string }

export interface PickItem {
  readonly value: string
  readonly label: string
  readonly detail: string
}

/** How an answer ended: by itself, by the user, or badly. */
export interface Ending {
  readonly kind: 'complete' | 'stopped' | 'failed'
  readonly receipt: Receipt | undefined
  readonly requestId: string | undefined
  readonly seconds?: number
  /** It failed because the connection was lost: what was delivered is billed. */
  readonly isLost?: boolean
  readonly message?: string
}

export interface NewSession {
  readonly model: string
  readonly chatId: string
  readonly saved: boolean
  readonly system: string | undefined
  readonly viewport: Viewport
  readonly colours: Colours
  readonly links: boolean
  readonly plain: boolean
}

export function newSession({ model, chatId, saved, system, ...terminal }: NewSession): Session {
  return {
    ...terminal,
    savesChats: saved,
    model,
    plan: undefined,
    balance: undefined,
    headroom: undefined,
    blocks: [],
    live: undefined,
    editor: NEW_EDITOR,
    queue: [],
    panel: undefined,
    hint: undefined,
    conversation: { id: chatId, title: undefined, saved, system, turns: [] },
    answers: 0,
    spentMicro: 0n,
    unsettled: []
  }
}

/** How markdown is drawn on this terminal. */
export function markdownLook({
  viewport,
  colours,
  links,
  plain
}: Pick<Session, 'viewport' | 'colours' | 'links' | 'plain'>): MarkdownLook {
  return { columns: viewport.columns, colour: colours, links, plain }
}
