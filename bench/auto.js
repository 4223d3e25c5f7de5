/*
 * `npm run bench:auto`: how well `caicaini/auto` chooses, on labelled prompts, and what it costs beside
 * always one model, a random mix and an oracle. Exits with 1 only where the prompts themselves are not
 * what they should be; a missed aim is printed as one. See bench/README.md.
 */
import { timeDecisions } from './auto/decision-time.js'
import { HALVES, readPrompts } from './auto/prompts.js'
import { costLines, judge } from './auto/verdicts.js'
import { bundlePart } from './lib/bundle.js'

const HARMFUL_AIM = 0.02
const TIME_AIM_MS = 0.5
/** A Saturday: no provider's peak hours. */
const NOW_MS = Date.parse('2026-11-21T12:00:00Z')

const { prompts, faults } = readPrompts()
if (faults.length > 0) {
  console.error(faults.map((fault) => `bench: ${fault}`).join('\n'))
  process.exit(1)
}
const router = await import(await bundlePart('auto'))
const catalog = router.loadCatalog({ readFile: () => '' })
const judged = judge(prompts, { router, catalog, nowMs: NOW_MS })

for (const half of HALVES)
  report(
    half,
    judged.filter(({ prompt }) => prompt.half === half)
  )
report('all', judged)
for (const line of timeDecisions(prompts, { router, catalog, nowMs: NOW_MS })) {
  console.log(
    `${line.what.padEnd(44)}p50 ${ms(line.p50)}   p99 ${ms(line.p99)}   aim for p50 ≤ ${TIME_AIM_MS} ms ${mark(line.p50 <= TIME_AIM_MS)}`
  )
}
if (process.argv.includes('--misses'))
  for (const each of judged.filter(({ hit, prompt }) => !hit && prompt.half === 'tune')) {
    console.log(`${each.prompt.id}: ${each.prompt.label} → ${each.tier}, ${each.reason}`)
  }

function report(title, list) {
  const hits = list.filter(({ hit }) => hit).length
  const weighty = list.filter(({ prompt }) => prompt.difficulty !== 'easy')
  const harmful = weighty.filter(({ isBelow }) => isBelow).length
  const twins = list.filter(({ sameAsTwin }) => sameAsTwin !== undefined)
  console.log(`\n${title}: ${list.length} prompts`)
  console.log(`  accuracy                    ${share(hits, list.length)}`)
  console.log(
    `  harmful downgrades          ${share(harmful, weighty.length)} of hard and mid, aim ≤ ${HARMFUL_AIM * 100} % ${mark(harmful / weighty.length <= HARMFUL_AIM)}`
  )
  console.log(`  dearer than needed          ${share(list.filter(({ isAbove }) => isAbove).length, list.length)}`)
  console.log(
    `  a noisy twin goes elsewhere ${share(twins.filter(({ sameAsTwin }) => !sameAsTwin).length, twins.length)}`
  )
  printConfusion(list)
  for (const line of costLines(list)) console.log(`  ${line}`)
}

function printConfusion(list) {
  const tiers = ['small', 'middle', 'top']
  console.log(`  label ↓ chosen →  ${tiers.map((tier) => tier.padStart(8)).join('')}`)
  for (const label of tiers) {
    const counts = tiers.map((tier) => list.filter((each) => each.prompt.label === label && each.tier === tier).length)
    console.log(`  ${label.padEnd(18)}${counts.map((count) => `${count}`.padStart(8)).join('')}`)
  }
}

function share(count, of) {
  return `${((100 * count) / Math.max(of, 1)).toFixed(1)} % (${count})`
}

function ms(value) {
  return `${value.toFixed(3)} ms`
}

function mark(met) {
  return met ? '✓' : '✗'
}
