import { contentTokens, textTokens } from '../../lib/estimate.js'
import type { ChatTurn } from './conversation.js'
import type { Credits, Session } from './session.js'

export function turnsTokens(turns: readonly Pick<ChatTurn, 'content'>[]): number {
  return turns.reduce((sum, { content }) => sum + contentTokens(content), 0)
}

const LIMIT_MAX = 50
const LIMIT_MIN = 5
const SHARE = 0.01

/** Credits above which a message is asked about first: 1 % of the balance, but from 5 to 50, unless set. */
export function askAbove(balance: Credits | undefined, set: number | undefined): number {
  if (set !== undefined) return set
  return Math.min(LIMIT_MAX, Math.max(LIMIT_MIN, (balance?.total ?? 0) * SHARE))
}

/** What the session's next message brings along, system prompt and all. */
export function contextTokens({ conversation: { turns, system } }: Pick<Session, 'conversation'>): number {
  return turnsTokens(turns) + textTokens(system ?? '')
}
