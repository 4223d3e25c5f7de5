import type { Clock } from '../lib/clock.js'
import type { Tx } from '../storage/tables.js'
import { concerns } from './decide.js'
import { readReachable, readTerms, readUntold, writeTold } from './store.js'
import { catalogOf, subjectKey } from './subject.js'

/** Tells one account what it will have no more, a sentence each, and from when on. */
export type Tell = (
  tx: Tx,
  notice: { readonly accountId: string; readonly sentences: readonly string[]; readonly atMs: number }
) => Promise<unknown>

/** So many at once hold nobody up: each is a few rows, in one transaction. */
const BATCH = 100

/**
 * Tells the next accounts that have something of what is taken: each once, with all that one reading of the file
 * takes, in the transaction that notes how far it is. Whether there are more.
 */
export async function tellBatch(tx: Tx, { clock, tell }: { clock: Clock; tell: Tell }): Promise<boolean> {
  const changes = await readUntold(tx)
  const [first] = changes
  if (!first) return false
  const stored = await readTerms(tx)
  const [terms, before] = [new Map(stored.map((term) => [subjectKey(term), term])), catalogOf(stored)]
  const accounts = await readReachable(tx, first.toldTo, BATCH)
  for (const { id: accountId, plan, tier } of accounts) {
    const sentences = changes.flatMap(({ subject, taken }) => {
      const term = terms.get(subject)
      return term && concerns(term, { plan, tier }, before) ? taken : []
    })
    if (sentences.length === 0) continue
    await tell(tx, { accountId, sentences: sentences.map(asSentence), atMs: first.effectiveAtMs })
  }
  const isDone = accounts.length < BATCH
  const ids = changes.map(({ id }) => id)
  await writeTold(tx, ids, { toldTo: accounts.at(-1)?.id ?? first.toldTo, toldAtMs: isDone ? clock.nowMs() : null })
  return true
}

function asSentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}.`
}
