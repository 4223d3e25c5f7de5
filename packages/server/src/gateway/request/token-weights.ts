/**
 * Whose tokens are guessed: Claude's, or those of the vocabularies of OpenAI, DeepSeek, Moonshot and others,
 * which need a third fewer for Chinese and half as many for most other scripts.
 */
export type Tokenizer = 'claude' | 'other'

/** Claude alone is asked in Anthropic's format; whoever else is takes about the same for English and code. */
export function tokenizerOf(format: 'messages' | 'chat'): Tokenizer {
  return format === 'messages' ? 'claude' : 'other'
}

/*
 * Hundredths of a token a character, by the first byte that it has in UTF-8; later rows win. `hold` must not fall
 * short with any vocabulary, the others should be right on average: both are measured by `npm run bench:estimate`.
 * Some weights are more than a character can have: they stand for the letters around it, which are plain ASCII in
 * Polish and in a hash as they are in English, but make more tokens there.
 */
const ROWS = [
  // from, to, hold, claude, other
  [0x00, 0x7f, 100, 46, 43], // punctuation
  [0x00, 0x1f, 100, 44, 38], // line ends, tabs
  [0x20, 0x20, 30, 12, 12], // a space: most belong to the word behind them
  [0x30, 0x39, 125, 58, 66], // digits
  [0x41, 0x5a, 130, 80, 73], // capitals: few in prose, half of what is encoded
  [0x61, 0x7a, 40, 27, 24], // small letters
  [0xc0, 0xcd, 200, 140, 80], // Latin letters with accents
  [0xce, 0xd4, 100, 60, 34], // Greek, Cyrillic
  [0xd5, 0xdf, 180, 105, 40], // Hebrew, Arabic
  [0xe0, 0xe1, 280, 145, 50], // Indic, Thai; Vietnamese
  [0xe2, 0xe2, 200, 65, 61], // signs and symbols
  [0xe3, 0xe3, 200, 95, 68], // kana
  [0xe4, 0xe9, 200, 120, 76], // Chinese characters
  [0xea, 0xed, 200, 145, 82], // Korean
  [0xee, 0xef, 200, 83, 80], // full-width signs
  [0xf0, 0xf0, 170, 155, 111] // each half of what is beyond: emoji
] as const

/** By first byte; the bytes after it weigh nothing. */
export type Weights = Uint16Array

export const HOLD_WEIGHTS = tableOf(2)
export const ORDINARY_WEIGHTS: Readonly<Record<Tokenizer, Weights>> = { claude: tableOf(3), other: tableOf(4) }

function tableOf(column: 2 | 3 | 4): Weights {
  const table = new Uint16Array(256)
  for (const row of ROWS) table.fill(row[column], row[0], row[1] + 1)
  return table
}

/** The index of each half of a character beyond U+FFFF. */
export const SURROGATE = 0xf0

/** The first byte of a UTF-16 unit's character in UTF-8. */
export function leadByteOf(unit: number): number {
  if (unit < 0x80) return unit
  if (unit < 0x800) return 0xc0 | (unit >> 6)
  return unit >= 0xd800 && unit <= 0xdfff ? SURROGATE : 0xe0 | (unit >> 12)
}
