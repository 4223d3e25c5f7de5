import type { Catalog } from '../catalog/catalog.js'
import type { ModelEntry, PlanEntry, TierEntry } from '../catalog/schema.js'

/** One thing of the catalog that is promised to somebody: a plan, a tier or a model, by name. */
export type Subject =
  | { readonly kind: 'plan'; readonly name: string; readonly entry: PlanEntry }
  | { readonly kind: 'tier'; readonly name: string; readonly entry: TierEntry }
  | { readonly kind: 'model'; readonly name: string; readonly entry: ModelEntry }

/** A subject as it was last in force, and where it stood among its kind. */
export type Term = Subject & { readonly position: number }

/** The part of a catalog that terms are made of. */
export type Terms = Pick<Catalog, 'plans' | 'tiers' | 'models'>

/** `plan:pro`: what a term is stored by. */
export function subjectKey({ kind, name }: Pick<Subject, 'kind' | 'name'>): string {
  return `${kind}:${name}`
}

/** Every term of a catalog, in its order. */
export function termsOf({ plans, tiers, models }: Terms): Term[] {
  return [
    ...Object.entries(tiers).map(([name, entry], position) => ({ kind: 'tier' as const, name, entry, position })),
    ...Object.entries(plans).map(([name, entry], position) => ({ kind: 'plan' as const, name, entry, position })),
    ...models.map((entry, position) => ({ kind: 'model' as const, name: entry.id, entry, position }))
  ]
}

/** The terms as a catalog lists them: the other way round. */
export function catalogOf(terms: readonly Term[]): Terms {
  const ordered = [...terms].sort((a, b) => a.position - b.position)
  return {
    plans: Object.fromEntries(ordered.flatMap((term) => (term.kind === 'plan' ? [[term.name, term.entry]] : []))),
    tiers: Object.fromEntries(ordered.flatMap((term) => (term.kind === 'tier' ? [[term.name, term.entry]] : []))),
    models: ordered.flatMap((term) => (term.kind === 'model' ? [term.entry] : []))
  }
}
