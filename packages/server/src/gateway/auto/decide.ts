import { formatCredits } from '@caicaini/protocol'
import type { Pin } from './pins.js'
import { type Score, TIERS, type Tier } from './score.js'

/** What an answer of one tier more is taken to be worth, in micro-credits: 100 credits, ten US cents. */
export const STEP_WORTH = 100_000_000n

/** What is known when a conversation that has a model gets its next request. All amounts in micro-credits. */
export interface Pinned {
  readonly pin: Pick<Pin, 'tier'>
  readonly score: Score
  readonly isHumanTurn: boolean
  readonly isStuck: boolean
  /** What the cache spares as long as the model stays. */
  readonly cacheWorth: bigint
  /** What this turn would cost less at the tier that the score names; negative where it costs more. */
  readonly saving: bigint
}

export interface Verdict {
  readonly tier: Tier
  /** Whether the conversation keeps its model, whatever other is as good. */
  readonly keeps: boolean
  /** The beginning of the reason; the model's part follows it. */
  readonly why: string
}

/** Whether a conversation keeps its model. Pure; the rules in docs/auto.md, in their order. */
export function decidePinned({ pin, score, isHumanTurn, isStuck, cacheWorth, saving }: Pinned): Verdict {
  const kept = { tier: pin.tier, keeps: true, why: keptWhy(cacheWorth) }
  if (isStuck && pin.tier !== 'top') {
    return { tier: oneUp(pin.tier), keeps: false, why: 'The same call failed again and again' }
  }
  if (!isHumanTurn || !score.isClear) return kept
  const steps = TIERS.indexOf(score.tier) - TIERS.indexOf(pin.tier)
  if (steps === 0) return { tier: pin.tier, keeps: true, why: score.why }
  const gain = steps > 0 ? BigInt(steps) * STEP_WORTH : saving
  return gain > cacheWorth ? { tier: score.tier, keeps: false, why: score.why } : kept
}

function oneUp(tier: Tier): Tier {
  return TIERS[TIERS.indexOf(tier) + 1] ?? 'top'
}

function keptWhy(cacheWorth: bigint): string {
  if (cacheWorth === 0n) return 'Pinned with this conversation'
  const credits = formatCredits(cacheWorth, { decimalsMax: 1 })
  return `Pinned with this conversation (its cache is worth ${credits} ${credits === '1' ? 'credit' : 'credits'})`
}
