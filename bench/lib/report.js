import { cpus } from 'node:os'

const COLUMNS = [
  { name: 'what', width: 46 },
  { name: 'measured', width: 12 },
  { name: 'yardstick', width: 12 },
  { name: 'ratio', width: 9 },
  { name: 'aim', width: 10 }
]

export function printHead() {
  const memory = cpus()
  console.log(`Node ${process.version}, ${memory.length} × ${memory[0]?.model ?? 'unknown CPU'}, medians\n`)
  console.log(row(Object.fromEntries(COLUMNS.map(({ name }) => [name, name]))))
}

/** One figure: what was measured, beside what, and what is aimed at; `note` goes below. */
export function printLine({ note, ...line }) {
  console.log(row(line))
  if (note) console.log(`  ${note}`)
}

function row(line) {
  return COLUMNS.map(({ name, width }, i) => {
    const text = line[name] ?? ''
    return i === 0 ? text.padEnd(width) : text.padStart(width)
  }).join('')
}

/** `ratio` beside the aim where there is one, with a mark that says whether it is met. */
export function judged(ratio, { aim, atMost }) {
  if (!aim) return { ratio: `${ratio.toFixed(2)} ×` }
  const met = atMost ? ratio <= aim : ratio >= aim
  return { ratio: `${ratio.toFixed(2)} ×`, aim: `${atMost ? '≤' : '≥'} ${aim} ${met ? '✓' : '✗'}` }
}
