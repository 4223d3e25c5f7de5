/* What differs from run to run, such as times, is drawn the same, so that a picture changes only with the chat. */

const SAME = [
  // The spinner and the seconds beside it.
  { found: /^[⠋⠙⠹⠸⠼⠴⠦⠧] (\d+) s/, drawn: (seconds) => `⠹ ${'6'.padStart(seconds.length)} s` },
  // How long an answer took.
  { found: / · (\d+\.\d) s(?= |$)/, drawn: (seconds) => ` · ${'0.4'.padStart(seconds.length, '0')} s` }
]

/** A screen with the same columns, whatever the clock said. */
export function normalise(screen) {
  return { ...screen, rows: screen.rows.map(normaliseRow) }
}

function normaliseRow(cells) {
  const text = cells.map(({ chars }) => chars).join('')
  // Characters of several units would put the text out of step with the cells.
  if (text.length !== cells.length) return cells
  const drawn = SAME.reduce((now, { found, drawn: as }) => now.replace(found, (_, part) => as(part)), text)
  return cells.map((cell, i) => ({ ...cell, chars: drawn[i] }))
}
