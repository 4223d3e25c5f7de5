/* A terminal's cells as an SVG: every run of one look stands in its own columns, whatever font the reader has. */

const CELL = { width: 8.4, height: 19, baseline: 14 }
const MARGIN = 16
const BAR = 34
const CUBE = [0, 95, 135, 175, 215, 255]

/** The colours that terminals have by themselves. */
const SCHEMES = {
  dark: {
    background: '#12161f',
    foreground: '#d7dce6',
    frame: '#2a3142',
    dots: ['#ff6b68', '#ffcc66', '#9fd17a'],
    palette: [
      ...['#232a39', '#ff7a76', '#a5d67f', '#ffcc66', '#79b8ff', '#d4a5ff', '#74dccb', '#d7dce6'],
      ...['#6b7690', '#ff9a96', '#bfe6a0', '#ffdd94', '#a3cfff', '#e3c5ff', '#9ceadd', '#ffffff']
    ]
  },
  light: {
    background: '#ffffff',
    foreground: '#24292f',
    frame: '#d0d7de',
    dots: ['#ff5f57', '#febc2e', '#28c840'],
    palette: [
      ...['#24292f', '#cf222e', '#116329', '#7d4e00', '#0969da', '#8250df', '#1b7c83', '#6e7781'],
      ...['#57606a', '#a40e26', '#1a7f37', '#633c01', '#218bff', '#a475f9', '#3192aa', '#8c959f']
    ]
  }
}

/** `rows` of cells and a cursor, as openTerminal gives them. */
export function svgOf({ columns, rows, cursor }, { theme, label }) {
  const scheme = SCHEMES[theme]
  const width = Math.ceil(2 * MARGIN + columns * CELL.width)
  const height = BAR + rows.length * CELL.height + MARGIN
  const dots = scheme.dots.map((fill, i) => `<circle cx="${20 + i * 18}" cy="17" r="5" fill="${fill}"/>`).join('')
  const drawn = rows.flatMap((cells, row) => drawRow(cells, row, scheme))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(label)}">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;font-variant-ligatures:none;white-space:pre;fill:${scheme.foreground}}.b{font-weight:bold}.i{font-style:italic}.d{opacity:.6}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="10" fill="${scheme.background}" stroke="${scheme.frame}"/>
${dots}
${drawn.join('\n')}
${cursor ? drawCursor(cursor, scheme) : ''}
</svg>
`
}

function drawRow(cells, row, scheme) {
  const top = BAR + row * CELL.height
  return runsOf(cells, scheme).flatMap(({ column, width, chars, look }) => {
    const x = round(MARGIN + column * CELL.width)
    const length = round(width * CELL.width)
    const parts = []
    if (look.background) {
      parts.push(`<rect x="${x}" y="${top}" width="${length}" height="${CELL.height}" fill="${look.background}"/>`)
    }
    const lineAt = (y) => `<path d="M${x} ${top + y}h${length}" stroke="${look.fill ?? scheme.foreground}"/>`
    if (look.underline) parts.push(lineAt(CELL.baseline + 2.5))
    if (look.strike) parts.push(lineAt(CELL.baseline - 4.5))
    if (chars.trim() !== '') {
      const classes = `${look.bold ? 'b' : ''} ${look.italic ? 'i' : ''} ${look.dim ? 'd' : ''}`
        .trim()
        .replace(/ +/g, ' ')
      const marks = `${classes && ` class="${classes}"`}${look.fill ? ` style="fill:${look.fill}"` : ''}`
      // Stretched to its columns: fonts differ in their widths, most of all where one stands in for another.
      const fitted = ` textLength="${length}" lengthAdjust="spacingAndGlyphs"`
      parts.push(`<text x="${x}" y="${top + CELL.baseline}"${fitted}${marks}>${escapeXml(chars)}</text>`)
    }
    return parts
  })
}

/** Cells of one look side by side; a wide character stands alone, as does what may come from another font. */
function runsOf(cells, scheme) {
  const runs = []
  for (const cell of cells) {
    const look = lookOf(cell, scheme)
    const last = runs.at(-1)
    const isPlain = cell.width === 1 && /^[\x20-\x7e─━]$/.test(cell.chars)
    if (last?.isPlain && isPlain && sameLook(last.look, look)) {
      last.chars += cell.chars
      last.width += cell.width
    } else runs.push({ column: cell.column, width: cell.width, chars: cell.chars, look, isPlain })
  }
  return runs.map(trimmed).filter(({ chars, look }) => chars.trim() !== '' || look.background || look.underline)
}

/** Without the spaces at its ends, where nothing would be seen of them. */
function trimmed(run) {
  if (run.look.background || run.look.underline || run.look.strike) return run
  const before = run.chars.length - run.chars.trimStart().length
  const chars = run.chars.trim()
  return run.isPlain ? { ...run, chars, column: run.column + before, width: chars.length } : run
}

function lookOf({ foreground, background, bold, dim, italic, underline, strike, inverse }, scheme) {
  const front = rgbOf(foreground, scheme)
  const back = rgbOf(background, scheme)
  return {
    fill: inverse ? (back ?? scheme.background) : front,
    background: inverse ? (front ?? scheme.foreground) : back,
    bold,
    dim,
    italic,
    underline,
    strike
  }
}

function sameLook(one, other) {
  return Object.keys(one).every((name) => one[name] === other[name])
}

/** Of the 256 colours: 16 of the terminal's own, a cube of six steps, 24 greys. */
function rgbOf(colour, { palette }) {
  if (typeof colour !== 'number') return colour
  if (colour < 16) return palette[colour]
  if (colour > 231) return rgb(Array(3).fill(8 + (colour - 232) * 10))
  const at = colour - 16
  return rgb([CUBE[Math.floor(at / 36)], CUBE[Math.floor(at / 6) % 6], CUBE[at % 6]])
}

function rgb(parts) {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

function drawCursor({ row, column }, { foreground }) {
  const x = round(MARGIN + column * CELL.width)
  const y = BAR + row * CELL.height + 1
  return `<rect x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height - 2}" fill="${foreground}" opacity=".55"/>`
}

function round(number) {
  return Number(number.toFixed(1))
}

function escapeXml(text) {
  return text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char])
}
