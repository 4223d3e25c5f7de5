import type { Context } from '../../context.js'
import { sleep } from '../../lib/clock.js'
import { estimateCredits, priceOf } from '../../lib/estimate.js'
import { creditsPhrase, grouped } from '../../lib/money-text.js'
import { cutTo } from '../layout.js'
import type { ChatTurn } from '../state/conversation.js'
import { askAbove, contextTokens } from '../state/estimate.js'
import type { Store } from '../state/store.js'
import type { Account } from './account.js'
import type { Dialogs } from './dialogs.js'

export interface CostQuestionDeps {
  readonly context: Pick<Context, 'clock'>
  readonly account: Account
  readonly store: Store
  readonly dialogs: Dialogs
  /** Credits above which a message is asked about; undefined = a share of the balance. */
  readonly askAboveCredits: number | undefined
}

/** A message does not wait longer for the prices, as where the network is gone: sending it says so. */
const PRICES_MS = 2_000
/** How much of the message the question names. */
const BEGINS_COLUMNS = 40

/** Whether the user takes what a message will cost; asked once, and only where that is out of the ordinary. */
export async function isCostTaken(turns: readonly ChatTurn[], model: string, deps: CostQuestionDeps): Promise<boolean> {
  const { context, account, store, dialogs, askAboveCredits } = deps
  // Without prices there is nothing to ask about; the server has the last word on what is afforded.
  const models = account.models().catch(() => [])
  const price = priceOf(await Promise.race([models, sleep(context.clock, PRICES_MS).then(() => [])]), model)
  if (!price) return true
  const { conversation, balance } = store.get()
  const tokens = contextTokens({ conversation: { ...conversation, turns } })
  const credits = estimateCredits(tokens, price)
  if (credits <= askAbove(balance, askAboveCredits)) return true
  const cost = creditsPhrase(Math.round(credits * 10) / 10)
  const begins = cutTo((turns.at(-1)?.shown ?? '').replace(/\s+/g, ' '), BEGINS_COLUMNS)
  const text = `Send “${begins}”? About ${cost}: about ${grouped(tokens)} tokens go to ${model}.`
  return dialogs.confirm({ text, yes: 'Enter sends it', no: 'Esc keeps it here' })
}
