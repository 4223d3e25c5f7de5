import type { Tx } from '../storage/tables.js'
import { concerns, type Decision } from './decide.js'
import { readReachable } from './store.js'
import { subjectKey, type Term, type Terms } from './subject.js'

type Held = Extract<Decision, { kind: 'hold' }>

/** Tells one account what it will have no more, a sentence each, and from when on. */
export type Tell = (
  tx: Tx,
  notice: { readonly accountId: string; readonly sentences: readonly string[]; readonly atMs: number }
) => Promise<unknown>

/** Tells everybody who has something of what is taken: once, with all that one reading of the file takes. */
export async function tellSubscribers(
  tx: Tx,
  found: {
    readonly held: readonly Held[]
    readonly stored: readonly Term[]
    readonly before: Terms
    readonly atMs: number
  },
  tell: Tell
): Promise<void> {
  const { held, stored, before, atMs } = found
  if (held.length === 0) return
  const terms = new Map(stored.map((term) => [subjectKey(term), term]))
  for (const { id: accountId, plan, tier } of await readReachable(tx)) {
    const sentences = held.flatMap(({ subject, taken }) => {
      const term = terms.get(subject)
      return term && concerns(term, { plan, tier }, before) ? taken : []
    })
    if (sentences.length > 0) await tell(tx, { accountId, sentences: sentences.map(asSentence), atMs })
  }
}

function asSentence(what: string): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}.`
}
