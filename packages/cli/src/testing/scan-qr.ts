import jsqr from 'jsqr'

/** What a phone reads of the half blocks in what a terminal shows; undefined where it reads nothing. */
export function scanQr(text: string): string | undefined {
  const rows = text
    .split('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken away
    .map((line) => line.replace(/\u001b\[[\d;]*m/g, ''))
    .filter((line) => /^[█▀▄ ]{20,}$/.test(line) && line.includes('█'))
  const width = rows[0]?.length ?? 0
  const [scale, height] = [4, rows.length * 2]
  const pixels = new Uint8ClampedArray(width * scale * height * scale * 4)
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const [row, isUpper] = [Math.floor(y / scale / 2), Math.floor(y / scale) % 2 === 0]
      const isLight = ['█', isUpper ? '▀' : '▄'].includes(rows[row]?.[Math.floor(x / scale)] ?? ' ')
      pixels.set([...Array(3).fill(isLight ? 255 : 0), 255], (y * width * scale + x) * 4)
    }
  }
  return jsqr.default(pixels, width * scale, height * scale)?.data
}
