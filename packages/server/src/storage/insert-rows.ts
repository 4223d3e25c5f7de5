import { type Compilable, CompiledQuery, type DialectAdapter } from 'kysely'
import type { Tx } from './tables.js'

/** Rows in one statement at most: more would save little, and each count is a text of its own to keep. */
export const ROWS_MAX = 32

const texts = new WeakMap<DialectAdapter, Map<string, string>>()

/**
 * Runs the insert that `build` makes of whole rows, many in one statement. Kysely compiles it once for
 * each count of rows: to do it each time costs more than the database takes to write them. So every
 * row has the same columns in the same order, and `build` takes nothing but the rows.
 */
export async function insertRows<R extends object>(
  tx: Tx,
  rows: readonly R[],
  { table, build }: { table: string; build: (rows: readonly R[]) => Compilable }
): Promise<void> {
  for (const some of inParts(rows)) {
    const known = textsOf(tx)
    const name = `${table}:${some.length}`
    let text = known.get(name)
    if (text === undefined) {
      text = build(some).compile().sql
      known.set(name, text)
    }
    await tx.executeQuery(CompiledQuery.raw(text, some.flatMap(Object.values)))
  }
}

/** A list in parts of at most `ROWS_MAX`, so that statements come in few lengths and stay prepared. */
export function* inParts<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < list.length; from += ROWS_MAX) yield list.slice(from, from + ROWS_MAX)
}

/** Another dialect spells the same insert in another way. */
function textsOf(tx: Tx): Map<string, string> {
  const { adapter } = tx.getExecutor()
  let known = texts.get(adapter)
  if (!known) {
    known = new Map()
    texts.set(adapter, known)
  }
  return known
}
