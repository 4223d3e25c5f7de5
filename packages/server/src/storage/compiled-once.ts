import { type Compilable, CompiledQuery, type DialectAdapter } from 'kysely'
import type { Tx } from './tables.js'

/*
 * Statements over a list, of which Kysely makes the text once for each length: to make it each time
 * costs more than the database takes to run it.
 */

/** Rows or ids in one statement at most: more would save little, and each count is a text of its own to keep. */
export const ROWS_MAX = 32

const texts = new WeakMap<DialectAdapter, Map<string, string>>()

/**
 * Runs the insert that `build` makes of whole rows, many in one statement. Every row has the same
 * columns in the same order, and `build` takes nothing but the rows.
 */
export async function insertRows<R extends object>(
  tx: Tx,
  rows: readonly R[],
  { table, build }: { table: string; build: (rows: readonly R[]) => Compilable }
): Promise<void> {
  for (const some of inParts(rows)) {
    const text = textOf(tx, `insert:${table}:${some.length}`, () => build(some))
    await tx.executeQuery(CompiledQuery.raw(text, some.flatMap(Object.values)))
  }
}

/** The rows that `build` selects by a list of ids; after them its statement takes what is `last`, and nothing else. */
export async function selectIn<R>(
  tx: Tx,
  ids: readonly string[],
  {
    table,
    build,
    last = []
  }: { table: string; build: (ids: readonly string[]) => Compilable<R>; last?: readonly unknown[] }
): Promise<R[]> {
  const rows: R[] = []
  for (const some of inParts(ids)) {
    const text = textOf(tx, `select:${table}:${some.length}`, () => build(some))
    const result = await tx.executeQuery<R>(CompiledQuery.raw(text, [...some, ...last]))
    rows.push(...result.rows)
  }
  return rows
}

/** A list in parts of at most `ROWS_MAX`, so that statements come in few lengths and stay prepared. */
export function* inParts<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < list.length; from += ROWS_MAX) yield list.slice(from, from + ROWS_MAX)
}

/** What `build` compiles to, known by `name`; another dialect spells the same statement in another way. */
function textOf(tx: Tx, name: string, build: () => Compilable): string {
  const { adapter } = tx.getExecutor()
  let known = texts.get(adapter)
  if (!known) {
    known = new Map()
    texts.set(adapter, known)
  }
  let text = known.get(name)
  if (text === undefined) {
    text = build().compile().sql
    known.set(name, text)
  }
  return text
}
