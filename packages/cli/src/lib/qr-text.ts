/** Modules of light around a QR code: what the standard asks for, and what every camera we know is content with. */
const QUIET_ZONES = [4, 2]
/** White on black by number, for names of colours are each terminal's own. */
const COLOURS = '\u001b[38;5;231;48;5;16m'
const PLAIN = '\u001b[0m'

export interface QrPlace {
  readonly columns: number
  readonly rows: number
  /** Without colours the terminal's own are taken for light on dark. */
  readonly colour: boolean
}

/**
 * A QR code in half blocks, light modules drawn and dark ones left out; undefined where the terminal is too narrow.
 * Its quiet zone shrinks where it is seen whole only so; a line below it stays free.
 */
export async function qrText(text: string, { columns, rows, colour }: QrPlace): Promise<string | undefined> {
  const { renderUnicodeCompact } = await import('uqr')
  const drawn = QUIET_ZONES.map((border) => renderUnicodeCompact(text, { ecc: 'L', border }).split('\n')).filter(
    ([first = '']) => first.length <= columns
  )
  const lines = drawn.find(({ length }) => length < rows) ?? drawn[0]
  return lines?.map((line) => `${colour ? COLOURS + line + PLAIN : line}\n`).join('')
}
