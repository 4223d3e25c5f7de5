import type { Clock } from '../../lib/clock.js'
import { type Action, reduce } from './reduce.js'
import type { Session } from './session.js'

/** A streamed answer is drawn when nothing was for so long, a key when no key was: never more than 30 pictures a second. */
const STREAM_MS = 66
const KEY_MS = 33

/** Holds the session, and says when it is to be drawn. */
export interface Store {
  get(): Session
  /** `soon`: it may wait for the next picture. Anything else is drawn at once. */
  dispatch(action: Action, when?: 'soon'): void
  /** Calls `listener` when what was drawn is out of date, until the returned function is called. */
  subscribe(listener: () => void): () => void
  /** What was drawn last: `get`, but standing still between two pictures. */
  drawn(): Session
}

export function createStore(first: Session, clock: Clock): Store {
  let session = first
  let drawn = first
  let pending: { atMs: number; cancel: () => void } | undefined
  let drawnAtMs = Number.NEGATIVE_INFINITY
  let keyAtMs = Number.NEGATIVE_INFINITY
  let hasKey = false
  const listeners = new Set<() => void>()
  const draw = () => {
    pending?.cancel()
    pending = undefined
    if (drawn === session) return
    drawn = session
    drawnAtMs = clock.nowMs()
    if (hasKey) keyAtMs = drawnAtMs
    hasKey = false
    for (const listener of [...listeners]) listener()
  }
  const drawAt = (atMs: number) => {
    if (atMs <= clock.nowMs()) return draw()
    if (pending && pending.atMs <= atMs) return
    pending?.cancel()
    pending = { atMs, cancel: clock.after(atMs - clock.nowMs(), draw) }
  }
  return {
    get: () => session,
    drawn: () => drawn,
    dispatch(action, when) {
      session = reduce(session, action)
      // A picture of another size would be drawn wrong.
      if (action.type === 'resized') return draw()
      if (when !== 'soon') hasKey = true
      drawAt(hasKey ? keyAtMs + KEY_MS : drawnAtMs + STREAM_MS)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}
