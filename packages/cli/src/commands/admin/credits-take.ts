import type { TakenCredits } from '@caicaini/protocol/api'
import type { Context } from '../../context.js'
import { creditsPhrase } from '../../lib/money-text.js'
import { toJsonLine } from '../../lib/sanitize.js'

export interface Take {
  readonly username: string
  readonly kind: 'adjust' | 'forfeit'
  /** All that no request under way holds, where it is left out. */
  readonly credits?: number
}

export interface TakeFlags {
  readonly reason: string
  readonly reference?: string
  readonly json?: boolean
}

/** Takes credits back and says what is left. */
export async function takeCredits(take: Take, { reason, reference, json }: TakeFlags, context: Context): Promise<void> {
  const { io } = context
  const body = { ...take, reason, ...(reference === undefined ? {} : { reference }) }
  const api = await context.api()
  const taken = await api.call<TakenCredits>('POST', '/admin/api/credits/take', { body, has: 'taken' })
  if (json) return io.out(toJsonLine(taken))
  const what = taken.again
    ? `Already taken under the reference "${reference}"`
    : `Took ${creditsPhrase(taken.taken)} from ${take.username}`
  io.err(`${what}. Balance: ${creditsPhrase(taken.balance)}.\n`)
}
