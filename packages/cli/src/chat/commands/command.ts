import type { Context } from '../../context.js'
import type { Account } from '../conversation/account.js'
import type { Chat } from '../conversation/chat.js'
import type { Dialogs } from '../conversation/dialogs.js'
import type { Attachment } from '../input/chips.js'
import type { Store } from '../state/store.js'

/** What a command works with. */
export interface Tools {
  readonly context: Context
  readonly account: Account
  readonly store: Store
  readonly chat: Chat
  readonly dialogs: Dialogs
  readonly cwd: string
  attach(file: Attachment): void
  /** Writes to the terminal itself, past what is drawn. */
  sequence(text: string): void
  leave(): void
}

/** A line that begins with `/`. A new one is an entry of a list in this folder. */
export interface SlashCommand {
  readonly name: string
  /** Other names for it, not offered. */
  readonly also?: readonly string[]
  /** How its argument is written: `[NAME]`; undefined = it takes none. */
  readonly takes?: string
  readonly about: string
  /** It may be used while an answer is under way. */
  readonly whileBusy?: boolean
  run(argument: string, tools: Tools): void | Promise<void>
}
