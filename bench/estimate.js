/*
 * `npm run bench:estimate`: what the token estimator says of a corpus beside what real vocabularies say, by kind of
 * text. Exits with 1 where the estimate for holds falls short of a count, or the sample that a unit test reads has
 * other counts than the vocabularies. See bench/README.md.
 */
import { readFileSync } from 'node:fs'
import { MAIN_KINDS, readCorpus } from './estimate/corpus.js'
import { loadTokenizers } from './estimate/tokenizers.js'
import { bundlePart } from './lib/bundle.js'

/** A newer Claude counts up to so many times what the one before it did (Anthropic's docs, what's new in Opus 4.7). */
const NEWER_CLAUDE = 1.35

const estimator = await import(await bundlePart('estimate'))
const tokenizers = await loadTokenizers()
const corpus = readCorpus().map(measure)
const sample = JSON.parse(readFileSync(new URL('estimate/sample.json', import.meta.url), 'utf8'))
const kinds = [...new Set(corpus.map(({ kind }) => kind))]

console.log(`estimate against real counts, signed; ${corpus.length} texts, half of each kind was for tuning`)
for (const half of ['tune', 'held-out']) {
  const texts = corpus.filter((each) => each.half === half)
  console.log(`\n${half.padEnd(14)}${'chars'.padStart(8)}${tokenizers.map(({ name }) => name.padStart(18)).join('')}`)
  for (const kind of kinds)
    report(
      kind,
      texts.filter((each) => each.kind === kind)
    )
  report(
    MAIN_KINDS.join(' + '),
    texts.filter(({ kind }) => MAIN_KINDS.includes(kind))
  )
  report('all', texts)
}

console.log(
  '\nthe hold, as many times the highest count: of all text, of the text with the least; that beside a newer Claude'
)
for (const kind of kinds) {
  const texts = corpus.filter((each) => each.kind === kind)
  const mean = sum(texts, ({ hold }) => hold) / sum(texts, ({ most }) => most)
  const least = Math.min(...texts.map(({ hold, most }) => hold / most))
  const newer = Math.min(...texts.map(({ hold, real }) => hold / (NEWER_CLAUDE * real.Claude)))
  console.log(`${kind.padEnd(14)}${[mean, least, newer].map((times) => times.toFixed(2).padStart(8)).join('')}`)
}

const faults = [
  ...corpus.filter(({ hold, most }) => hold < most).map(({ name, hold, most }) => `${name}: held ${hold} of ${most}`),
  ...sample.flatMap(({ name, text, counts }) =>
    tokenizers
      .filter((each) => each.count(text) !== counts[each.name])
      .map((each) => `sample.json, ${name}: ${each.name} counts ${each.count(text)}, not ${counts[each.name]}`)
  )
]
for (const fault of faults) console.error(`bench: ${fault}`)
if (faults.length > 0) process.exitCode = 1

/** What each vocabulary counts, and what is guessed of it. */
function measure({ kind, name, text, half }) {
  const real = Object.fromEntries(tokenizers.map((each) => [each.name, each.count(text)]))
  const guessed = Object.fromEntries(
    tokenizers.map((each) => [each.name, estimator.estimateTextTokens(text, each.tokenizer)])
  )
  const hold = estimator.estimateTextTokensMost(text)
  return { kind, name, half, chars: text.length, real, guessed, hold, most: Math.max(...Object.values(real)) }
}

function report(title, texts) {
  if (texts.length === 0) return
  const columns = tokenizers.map(({ name }) => {
    const real = sum(texts, (each) => each.real[name])
    const error = (100 * (sum(texts, (each) => each.guessed[name]) - real)) / real
    return `${real}${`${error < 0 ? '' : '+'}${error.toFixed(1)} %`.padStart(10)}`.padStart(18)
  })
  console.log(`${title.slice(0, 13).padEnd(14)}${`${sum(texts, ({ chars }) => chars)}`.padStart(8)}${columns.join('')}`)
}

function sum(list, of) {
  return list.reduce((total, each) => total + of(each), 0)
}
