import { EFFORTS, type Effort, type Reasoning } from './neutral.js'

/** Budgets in tokens that stand for an effort; between them the next above. Ours: no provider publishes a table. */
const BUDGETS: Readonly<Record<Effort, number>> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 63_999
}
/** Anthropic: a budget is at least this, and below max_tokens. */
const BUDGET_LEAST = 1_024

/** The effort that was asked for, or that the budget stands for; null where neither was given. */
export function effortOf({ effort, budgetTokens }: Reasoning): Effort | null {
  if (effort !== null || budgetTokens === null) return effort
  return EFFORTS.find((name) => budgetTokens <= BUDGETS[name]) ?? 'max'
}

/** The budget that was given, or that the effort stands for, below `maxTokens`; null where there is no room for one. */
export function budgetOf({ effort, budgetTokens }: Reasoning, maxTokens: number): number | null {
  const wanted = budgetTokens ?? BUDGETS[effort ?? 'medium']
  const budget = Math.min(wanted, maxTokens - 1)
  return budget >= BUDGET_LEAST ? budget : null
}

/** The effort of `known` that is nearest: itself, else the next above, else the highest. */
export function nearestEffort(effort: Effort, known: readonly Effort[]): Effort | null {
  const from = EFFORTS.indexOf(effort)
  return known.find((name) => EFFORTS.indexOf(name) >= from) ?? known[known.length - 1] ?? null
}
