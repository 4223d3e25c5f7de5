import type { Io } from '../../../lib/io.js'
import { neutraliseLine } from '../../../lib/sanitize.js'

/** Recovery codes on stdout, one a line, so that they can be kept; what they are on stderr. */
export function printCodes(codes: readonly string[], io: Io): void {
  io.err('Recovery codes, shown this once. Keep them apart from your phone; each is good once:\n')
  io.out(codes.map((code) => `${neutraliseLine(code)}\n`).join(''))
}
