import { assertNever } from '@caicaini/protocol'
import type { Catalog } from '../catalog/catalog.js'
import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Tx } from '../storage/tables.js'
import { type Decision, decideTerms, NOTICE_MS } from './decide.js'
import {
  amendChange,
  closeChange,
  deleteTerm,
  insertChange,
  readPending,
  readSubscribers,
  readTerms,
  writeEntry,
  writeTerm
} from './store.js'

/** Compares the file with what was in force, and writes down what follows: once, whoever starts how often. */
export async function compareTerms(tx: Tx, file: Catalog, world: { clock: Clock; ids: Ids }): Promise<void> {
  await applyDue(tx, world.clock)
  const [stored, pending, subscribers] = [await readTerms(tx), await readPending(tx), await readSubscribers(tx)]
  for (const decision of decideTerms({ stored, file, pending, subscribers })) await carryOut(tx, decision, world)
}

/** Writes down what has come into force since; a process that sleeps through the day loses nothing. */
export async function applyDue(tx: Tx, clock: Clock): Promise<void> {
  const due = (await readPending(tx)).filter(({ effectiveAtMs }) => effectiveAtMs <= clock.nowMs())
  for (const { id, subject, target } of due) {
    await closeChange(tx, { id, state: 'applied' })
    await writeEntry(tx, subject, target)
  }
}

async function carryOut(tx: Tx, decision: Decision, { clock, ids }: { clock: Clock; ids: Ids }): Promise<void> {
  switch (decision.kind) {
    case 'take-over':
      return decision.term ? writeTerm(tx, decision.term) : deleteTerm(tx, decision.subject)
    case 'withdraw':
      await closeChange(tx, { id: decision.id, state: 'withdrawn' })
      return
    case 'amend':
      return amendChange(tx, decision)
    case 'hold': {
      const noticedAtMs = clock.nowMs()
      const change = { ...decision, id: ids.next('chg'), noticedAtMs, effectiveAtMs: noticedAtMs + NOTICE_MS }
      return insertChange(tx, change)
    }
    default:
      return assertNever(decision)
  }
}
