import { canonicalJson } from '@caicaini/protocol'
import { catalogOf, type Subject, subjectKey, type Term, type Terms, termsOf } from './subject.js'
import { takenFrom } from './taken.js'

/** How long what somebody has may not be taken from them after they were told. */
export const NOTICE_MS = 7 * 86_400_000

/** How many accounts have this plan and this tier. */
export interface Subscribers {
  readonly plan: string
  readonly tier: string
  readonly accounts: number
}

/** A change that waits for its day. */
export interface Pending {
  readonly id: string
  readonly subject: string
  /** What will hold; null where the catalog has it no more. */
  readonly target: Subject['entry'] | null
  readonly taken: readonly string[]
  readonly effectiveAtMs: number
}

export type Decision =
  /** The file's word holds from now on; undefined = it has none. */
  | { readonly kind: 'take-over'; readonly subject: string; readonly term: Term | undefined }
  | { readonly kind: 'withdraw'; readonly id: string }
  /** Still the same notice, for it takes nothing more than was told. */
  | { readonly kind: 'amend'; readonly id: string; readonly target: Subject['entry'] | null; readonly taken: string[] }
  | {
      readonly kind: 'hold'
      readonly subject: string
      readonly target: Subject['entry'] | null
      readonly taken: string[]
      readonly accounts: number
    }

/** What a file that was just read means for what is in force: what only gives holds at once, what takes is held. Pure. */
export function decideTerms(ask: {
  readonly stored: readonly Term[]
  readonly file: Terms
  readonly pending: readonly Pending[]
  readonly subscribers: readonly Subscribers[]
}): Decision[] {
  const before = catalogOf(ask.stored)
  const after = new Map(termsOf(ask.file).map((term) => [subjectKey(term), term]))
  const stored = new Map(ask.stored.map((term) => [subjectKey(term), term]))
  const pending = new Map(ask.pending.map((each) => [each.subject, each]))
  return [...new Set([...stored.keys(), ...after.keys()])].flatMap((subject): Decision[] => {
    const [old, term, waiting] = [stored.get(subject), after.get(subject), pending.get(subject)]
    const around = { before, after: ask.file }
    const taken = old ? takenFrom(old, term?.entry, around) : []
    const withdraw: Decision[] = waiting ? [{ kind: 'withdraw', id: waiting.id }] : []
    const takeOver: Decision[] = isSame(old, term) ? [] : [{ kind: 'take-over', subject, term }]
    if (!old || taken.length === 0) return [...withdraw, ...takeOver]
    const target = term?.entry ?? null
    if (waiting && canonicalJson(waiting.target) === canonicalJson(target)) return []
    const told = waiting?.target ? ({ ...old, entry: waiting.target } as Subject) : undefined
    if (waiting && told && term && takenFrom(told, term.entry, around).length === 0)
      return [{ kind: 'amend', id: waiting.id, target, taken }]
    const accounts = touched(old, ask.subscribers, before)
    return accounts === 0
      ? [...withdraw, ...takeOver]
      : [...withdraw, { kind: 'hold', subject, target, taken, accounts }]
  })
}

/** Whether a subject is part of what an account of this plan and tier has. */
export function concerns(
  { kind, name }: Pick<Subject, 'kind' | 'name'>,
  account: Pick<Subscribers, 'plan' | 'tier'>,
  terms: Terms
): boolean {
  const plan = Object.hasOwn(terms.plans, account.plan) ? terms.plans[account.plan] : undefined
  switch (kind) {
    case 'plan':
      return account.plan === name
    case 'tier':
      return (plan ? rankedTier(terms, account) : account.tier) === name
    case 'model':
      return plan !== undefined && (plan.models === 'all' || plan.models.includes(name))
  }
}

function rankedTier(terms: Terms, account: Pick<Subscribers, 'plan' | 'tier'>): string {
  const names = Object.keys(terms.tiers)
  const granted = names.indexOf(terms.plans[account.plan]?.lowest_tier ?? '')
  return names[Math.max(names.indexOf(account.tier), granted)] ?? account.tier
}

function touched(old: Subject, subscribers: readonly Subscribers[], before: Terms): number {
  return subscribers.filter((each) => concerns(old, each, before)).reduce((sum, { accounts }) => sum + accounts, 0)
}

function isSame(old: Term | undefined, term: Term | undefined): boolean {
  return old?.position === term?.position && canonicalJson(old?.entry ?? null) === canonicalJson(term?.entry ?? null)
}
