import type { Content } from '../../lib/answer.js'
import type { Draft } from '../input/chips.js'

/** A message of the conversation, as it is sent again with the next. */
export interface ChatTurn {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly content: Content
  /** The text as people read it: chips as labels. */
  readonly shown: string
  /** As it was typed here, with its files; undefined for what was said elsewhere. */
  readonly draft?: Draft | undefined
  /** Of an answer: what wrote it, and what it was billed; undefined while that is not known. */
  readonly model?: string | undefined
  readonly credits?: number | undefined
}
