import { createHash, timingSafeEqual } from 'node:crypto'

export interface Asker {
  /** In this process: the owner of the data. */
  readonly local: boolean
  /** The socket's other end; undefined where there is none. */
  readonly peer: string | undefined
  readonly authorization: string | undefined
  /** A proxy stands between us and whoever asks. */
  readonly forwarded: boolean
}

/**
 * Who may read the metrics: with a token, who brings it; without one, programs on this machine. What a
 * proxy on this machine passes on comes from anywhere, and says so.
 */
export function mayReadMetrics({ local, peer, authorization, forwarded }: Asker, token: string | undefined): boolean {
  if (local) return true
  if (token !== undefined) return isSame(authorization?.replace(/^Bearer +/i, '') ?? '', token)
  return !forwarded && peer !== undefined && /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(peer)
}

/** In constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
