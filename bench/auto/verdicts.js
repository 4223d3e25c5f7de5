import { bodyOf, headersOf } from './prompts.js'

const TIERS = ['small', 'middle', 'top']
/** The output-length model: tokens of an answer by the prompt's difficulty, whichever model gives it. */
export const OUTPUT_TOKENS = { easy: 150, mid: 700, hard: 2_000 }

/** What the router makes of each prompt, each in a conversation of its own. */
export function judge(prompts, { router, catalog, nowMs }) {
  const tierOf = new Map(TIERS.map((tier) => [catalog.router[tier], tier]))
  const chosen = prompts.map((prompt) => {
    const body = bodyOf(prompt)
    const asker = { accountId: prompt.id, headers: headersOf(prompt) }
    const pinned = { asker, pins: router.createPins() }
    const { model, reason } = router.chooseModel({ body, catalog, nowMs, available: () => true, pinned })
    return { prompt, reason, tier: tierOf.get(model.id), costs: costsOf(prompt, router.needsOf(body), catalog) }
  })
  const tierById = new Map(chosen.map(({ prompt, tier }) => [prompt.id, tier]))
  return chosen.map((each) => {
    const above = TIERS.indexOf(each.tier) - TIERS.indexOf(each.prompt.label)
    const twin = tierById.get(each.prompt.twin_of)
    return { ...each, hit: above === 0, isBelow: above < 0, isAbove: above > 0, sameAsTwin: twin && twin === each.tier }
  })
}

/** Credits that the prompt would cost at each tier, by the catalog's newest rates. */
function costsOf({ difficulty }, { inputTokens }, { router, models }) {
  const cost = (tier) => {
    const { input, output } = models.find(({ id }) => id === router[tier]).rates.at(-1)
    return (inputTokens * input + OUTPUT_TOKENS[difficulty] * output) / 1e12
  }
  return Object.fromEntries(TIERS.map((tier) => [tier, cost(tier)]))
}

/** What auto costs beside the others, and how many prompts each serves as well as their label asks. */
export function* costLines(list) {
  const shares = TIERS.map((tier) => [tier, list.filter((each) => each.tier === tier).length / list.length])
  const ways = {
    auto: ({ tier }) => [[tier, 1]],
    'always top': () => [['top', 1]],
    'always middle': () => [['middle', 1]],
    'always small': () => [['small', 1]],
    'random, same mix': () => shares,
    oracle: ({ prompt }) => [[prompt.label, 1]]
  }
  const top = sum(list, ({ costs }) => costs.top)
  yield 'way                 credits  × always top   served well'
  for (const [name, tiersOf] of Object.entries(ways)) {
    const cost = sum(list, (each) => sum(tiersOf(each), ([tier, share]) => share * each.costs[tier]))
    const well = sum(list, (each) => sum(tiersOf(each), ([tier, share]) => (isEnough(tier, each) ? share : 0)))
    const columns = [
      cost.toFixed(1).padStart(9),
      (cost / top).toFixed(2).padStart(13),
      percent(well / list.length).padStart(14)
    ]
    yield `${name.padEnd(18)}${columns.join('')}`
  }
}

function isEnough(tier, { prompt }) {
  return TIERS.indexOf(tier) >= TIERS.indexOf(prompt.label)
}

function sum(list, of) {
  return list.reduce((total, each) => total + of(each), 0)
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`
}
