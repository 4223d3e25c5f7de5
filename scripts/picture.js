/*
 * Draws docs/chat.svg: a real chat with the sandbox in a pseudo-terminal, its screen as an SVG. Run it
 * after the chat's looks changed: node scripts/picture.js (on the pinned runtime, after a build).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pty from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { root, runtime } from './setup.js'

const COLUMNS = 84
const ROWS = 19
const CELL = { width: 8.4, height: 18 }
const PALETTE = ['#1f2430', '#ff6b68', '#9fd17a', '#ffcc66', '#73b8ff', '#d4a5ff', '#7fe0d0', '#d8dee9']

const folder = mkdtempSync(join(tmpdir(), 'caicaini-picture-'))
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true })
const child = pty.spawn(runtime, [join(root, 'packages/cli/bin/caicaini.js'), '--local', '--data', folder], {
  cols: COLUMNS,
  rows: ROWS,
  env: { ...process.env, CAICAINI_CONFIG_DIR: folder, TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '' }
})
child.onData((data) => terminal.write(data))

await shows('balance')
await type('What does git rebase --onto do?')
await shows(/↳/)
await type('/model sonnet')
await shows(/sonnet · plan/)
await type('And when would I use it?')
await shows(/↳.*[\s\S]*↳/)
writeFileSync(join(root, 'docs/chat.svg'), draw())
child.kill()
rmSync(folder, { recursive: true, force: true })

function text() {
  const { active } = terminal.buffer
  return Array.from(
    { length: ROWS },
    (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? ''
  ).join('\n')
}

async function shows(pattern) {
  while (!text().match(pattern)) await new Promise((resolve) => setTimeout(resolve, 50))
  await new Promise((resolve) => setTimeout(resolve, 200))
}

async function type(words) {
  child.write(words)
  await new Promise((resolve) => setTimeout(resolve, 200))
  child.write('\r')
}

function draw() {
  const lines = []
  const { active } = terminal.buffer
  for (let row = 0; row < ROWS; row++) {
    const line = active.getLine(active.baseY + row)
    const runs = line ? runsOf(line) : []
    const spans = runs.map(
      ({ x, style, chars }) => `<tspan x="${(16 + x * CELL.width).toFixed(1)}"${style}>${escapeXml(chars)}</tspan>`
    )
    lines.push(`<text y="${44 + row * CELL.height}" xml:space="preserve">${spans.join('')}</text>`)
  }
  const width = Math.ceil(32 + COLUMNS * CELL.width)
  const height = 56 + ROWS * CELL.height
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="A chat in the terminal: each answer has its cost below it">
<rect width="100%" height="100%" rx="10" fill="#0f131a"/>
<circle cx="20" cy="18" r="5" fill="#ff6b68"/><circle cx="38" cy="18" r="5" fill="#ffcc66"/><circle cx="56" cy="18" r="5" fill="#9fd17a"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#d8dee9">
${lines.join('\n')}
</g>
</svg>
`
}

/** Cells of one look, side by side. */
function runsOf(line) {
  const runs = []
  for (let x = 0; x < COLUMNS; x++) {
    const cell = line.getCell(x)
    if (!cell || cell.getWidth() === 0) continue
    const style = styleOf(cell)
    const last = runs.at(-1)
    const chars = cell.getChars() || ' '
    if (last && last.style === style) last.chars += chars
    else runs.push({ x, style, chars })
  }
  return runs.filter(({ chars, style }) => chars.trim() !== '' || style.includes('inverse'))
}

function styleOf(cell) {
  const colour = cell.isFgPalette() ? PALETTE[cell.getFgColor() % 8] : undefined
  const fill = colour ? ` fill="${colour}"` : ''
  return `${fill}${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity="0.6"' : ''}`
}

function escapeXml(chars) {
  return chars.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char])
}
