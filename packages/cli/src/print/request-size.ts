import { usageError } from '../lib/cli-error.js'

/** What the server takes as one request's body (docs/server.md, Limits). */
export const REQUEST_BYTES_MAX = 32 * 1024 * 1024
export const REQUEST_SIZE_MAX = '32 MB'
/** No text this short becomes too long by what JSON adds to it: six characters for one at most. */
const SURELY_FITS = REQUEST_BYTES_MAX / 8

/** Refuses what the server would, before it is sent. `texts`: all that the request's body is made of. */
export function requireFits(body: object, texts: number): void {
  if (texts < SURELY_FITS || Buffer.byteLength(JSON.stringify(body)) <= REQUEST_BYTES_MAX) return
  throw usageError(`the question has more than ${REQUEST_SIZE_MAX}, the most that a request may have`)
}
