import type { Compilable, DialectAdapter } from 'kysely'
import { directOf } from './direct.js'
import type { Tx } from './tables.js'

/*
 * Statements over a list, of which Kysely makes the text once for each length, and which run past its
 * executor: either takes longer than the database does.
 */

/** Rows or ids in one statement at most, a power of two: more would save nothing. */
export const ROWS_MAX = 32

const texts = new WeakMap<DialectAdapter, Map<string, string>>()

interface OfRows<R> {
  readonly table: string
  readonly build: (rows: readonly R[]) => Compilable
}

/**
 * Runs the insert that `build` makes of whole rows, many in one statement. Every row has the same
 * columns in the same order, and `build` takes nothing but the rows.
 */
export async function insertRows<R extends object>(tx: Tx, rows: readonly R[], of: OfRows<R>): Promise<void> {
  await writeRows(tx, rows, 'insert', of)
}

/** As `insertRows`, for an update of many rows, each by values of its own; how many it changed. */
export function updateRows<R extends object>(tx: Tx, rows: readonly R[], of: OfRows<R>): Promise<number> {
  return writeRows(tx, rows, 'update', of)
}

async function writeRows<R extends object>(
  tx: Tx,
  rows: readonly R[],
  verb: string,
  { table, build }: OfRows<R>
): Promise<number> {
  let changed = 0
  for (const some of inParts(rows)) {
    const text = textOf(tx, `${verb}:${table}:${some.length}`, () => build(some))
    changed += (await directOf(tx).query(text, some.flatMap(Object.values))).changed
  }
  return changed
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
    const result = await directOf(tx).query<R>(text, [...some, ...last])
    rows.push(...result.rows)
  }
  return rows
}

/**
 * Runs the update that `build` makes of a list of ids, which come last in its statement, after the
 * values of `set`; how many rows it changed.
 */
export async function updateIn(
  tx: Tx,
  ids: readonly string[],
  { name, set, build }: { name: string; set: readonly unknown[]; build: (ids: readonly string[]) => Compilable }
): Promise<number> {
  let changed = 0
  for (const some of inParts(ids)) {
    const text = textOf(tx, `update in:${name}:${some.length}`, () => build(some))
    changed += (await directOf(tx).query(text, [...set, ...some])).changed
  }
  return changed
}

/**
 * A list in parts, as large as may be, whose lengths are powers of two: statements then come in so few
 * lengths that all of them stay prepared.
 */
export function* inParts<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0, length = ROWS_MAX; from < list.length; from += length) {
    while (length > list.length - from) length /= 2
    yield list.slice(from, from + length)
  }
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
