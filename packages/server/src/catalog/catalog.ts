import { nearestNames } from './nearest.js'
import type { CatalogFile, ModelEntry } from './schema.js'

/** The plan that every account falls back to; a catalog must have it, at no price. */
export const FREE_PLAN = 'free'

/** The checked catalog file with an index of every name that a customer may ask for. */
export interface Catalog extends CatalogFile {
  readonly names: ReadonlyMap<string, ModelEntry | 'auto'>
}

/** What a name that a customer asked for means. */
export type Resolved =
  | { readonly kind: 'model'; readonly model: ModelEntry }
  | { readonly kind: 'auto' }
  | { readonly kind: 'retired'; readonly model: ModelEntry; readonly successor: string }
  | { readonly kind: 'unknown'; readonly nearest: readonly string[] }

/** Builds the index of a file that has been checked. */
export function indexCatalog(file: CatalogFile): Catalog {
  const names = new Map<string, ModelEntry | 'auto'>()
  for (const name of [file.router.id, ...file.router.aliases]) names.set(name, 'auto')
  for (const model of file.models) {
    for (const name of [model.id, ...model.aliases]) names.set(name, model)
  }
  return { ...file, names }
}

/** The model of an exact id or alias, case-sensitive; of an unknown name, up to three that are near. */
export function resolveModel(catalog: Catalog, asked: string, nowMs: number): Resolved {
  const found = catalog.names.get(asked)
  if (found === undefined) return { kind: 'unknown', nearest: nearestNames(asked, [...catalog.names.keys()]) }
  if (found === 'auto') return { kind: 'auto' }
  const { retired } = found
  if (retired && startOfDayMs(retired.at) <= nowMs) {
    return { kind: 'retired', model: found, successor: retired.successor }
  }
  return { kind: 'model', model: found }
}

/** A day of the catalog, `YYYY-MM-DD`, as the UTC milliseconds of its first moment. */
function startOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}
