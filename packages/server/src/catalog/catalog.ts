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
  | { readonly kind: 'model'; readonly model: ModelEntry; readonly upstreamId: string }
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

/** The model of an exact id or alias, case-sensitive, else of a family; of an unknown name, up to three that are near. */
export function resolveModel(catalog: Catalog, asked: string, nowMs: number): Resolved {
  const exact = catalog.names.get(asked)
  if (exact === 'auto') return { kind: 'auto' }
  const found = exact ?? familyOf(catalog.models, asked)
  if (found === undefined) return { kind: 'unknown', nearest: nearestNames(asked, [...catalog.names.keys()]) }
  const { retired } = found
  if (retired && startOfDayMs(retired.at) <= nowMs) {
    return { kind: 'retired', model: found, successor: retired.successor }
  }
  return { kind: 'model', model: found, upstreamId: exact ? found.upstream_id : asked }
}

/** The model whose family says most of the name; a tool's own id works the day that it appears. */
function familyOf(models: readonly ModelEntry[], asked: string): ModelEntry | undefined {
  let best: { readonly model: ModelEntry; readonly length: number } | undefined
  for (const model of models) {
    const fits = (family: string) => asked.startsWith(family.replace(/^!/, '').slice(0, -1))
    const families = (model.families ?? []).filter(fits)
    if (families.length === 0 || families.some((family) => family.startsWith('!'))) continue
    const length = Math.max(...families.map((family) => family.length))
    if (!best || length > best.length) best = { model, length }
  }
  return best?.model
}

/** A day of the catalog, `YYYY-MM-DD`, as the UTC milliseconds of its first moment. */
function startOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}
