import type { Clock } from '../../lib/clock.js'
import { type Action, reduce } from './reduce.js'
import type { Session } from './session.js'

/** Between two pictures of a streamed answer: 15 a second leave room for as many keys, which are shown at once. */
const FRAME_MS = 66
/** Pictures in any second, whatever happens. */
const FRAMES_MAX = 30
const SECOND_MS = 1_000

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
  let cancel: (() => void) | undefined
  const listeners = new Set<() => void>()
  let drawnAtMs: readonly number[] = []
  const isBusy = () => {
    const nowMs = clock.nowMs()
    drawnAtMs = drawnAtMs.filter((atMs) => atMs > nowMs - SECOND_MS)
    return drawnAtMs.length >= FRAMES_MAX
  }
  const draw = () => {
    cancel?.()
    cancel = undefined
    if (drawn === session) return
    drawn = session
    drawnAtMs = [...drawnAtMs, clock.nowMs()]
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => session,
    drawn: () => drawn,
    dispatch(action, when) {
      session = reduce(session, action)
      // A picture of another size would be drawn wrong.
      if (action.type === 'resized' || (when !== 'soon' && !isBusy())) return draw()
      cancel ??= clock.after(FRAME_MS, draw)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}
