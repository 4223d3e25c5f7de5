import { useEffect, useState } from 'react'
import type { Clock } from '../lib/clock.js'

/** Whole seconds since `startedAtMs`, counting on by itself; 0 while there is none. */
export function useElapsed(clock: Clock, startedAtMs: number | undefined): number {
  const [elapsedS, show] = useState(0)
  useEffect(() => {
    show(0)
    if (startedAtMs === undefined) return
    let cancel = () => {}
    const tick = () => {
      show(Math.floor((clock.nowMs() - startedAtMs) / 1000))
      cancel = clock.after(1000, tick)
    }
    cancel = clock.after(1000, tick)
    return () => cancel()
  }, [clock, startedAtMs])
  return elapsedS
}
