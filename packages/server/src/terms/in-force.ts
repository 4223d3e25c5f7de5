import { type Catalog, indexCatalog } from '../catalog/catalog.js'
import type { ModelEntry } from '../catalog/schema.js'
import type { Term } from './subject.js'

/** Old terms that hold although the file says otherwise, until the moment its word counts. */
export interface Held {
  readonly term: Term
  readonly effectiveAtMs: number
}

/** The catalog as it is in force at a moment: the file, with what is held in the place of what it took. Pure. */
export function catalogInForce(file: Catalog, held: readonly Held[], nowMs: number): Catalog {
  const terms = held.filter(({ effectiveAtMs }) => nowMs < effectiveAtMs).map(({ term }) => term)
  if (terms.length === 0) return file
  const models = terms.flatMap((term) =>
    term.kind === 'model' ? [{ ...term, entry: heldModel(file, term.entry) }] : []
  )
  const whole = indexCatalog({
    ...file,
    plans: withHeld(
      file.plans,
      terms.filter((term) => term.kind === 'plan')
    ),
    tiers: withHeld(
      file.tiers,
      terms.filter((term) => term.kind === 'tier')
    ),
    models: Object.values(withHeld(Object.fromEntries(file.models.map((model) => [model.id, model])), models))
  })
  // A model that is held keeps its id, also where the file has given that name to another already.
  return { ...whole, names: new Map([...whole.names, ...models.map(({ name, entry }) => [name, entry] as const)]) }
}

/** Entries in the file's order; one that it dropped stands where it stood, for the order of tiers is their rank. */
function withHeld<E>(
  entries: Readonly<Record<string, E>>,
  held: readonly { readonly name: string; readonly entry: E; readonly position: number }[]
): Record<string, E> {
  const list = Object.entries(entries)
  for (const { name, entry, position } of [...held].sort((a, b) => a.position - b.position)) {
    const at = list.findIndex(([each]) => each === name)
    if (at >= 0) list[at] = [name, entry]
    else list.splice(position, 0, [name, entry])
  }
  return Object.fromEntries(list)
}

/** One that retires early is the file's but for that; one that is gone keeps those of its names that nobody else has got. */
function heldModel(file: Catalog, old: ModelEntry): ModelEntry {
  const model = file.models.find(({ id }) => id === old.id)
  if (!model) return { ...old, aliases: old.aliases.filter((alias) => !file.names.has(alias)) }
  const { retired: _, ...rest } = model
  return { ...rest, ...(old.retired && { retired: old.retired }) }
}
