import type { Clock } from '../../lib/clock.js'
import type { ProviderLimits } from './provider.js'

/** Why a call was stopped from our side. */
export type StopReason = 'aborted' | 'first byte' | 'next byte'

/** Stops a call that the caller gave up or that stalls; one timer serves a whole stream. */
export interface CallWatch {
  readonly signal: AbortSignal
  /** Null while the call runs. */
  readonly stopped: StopReason | null
  /** Bytes came: the wait for the next begins. */
  touch(): void
  /** The consumer has what came, and the wait stops until the next `touch`: its slowness is no stall of the provider's. */
  pause(): void
  /** Ends the watch; the caller has ended the call. */
  end(): void
}

export function watchCall(clock: Clock, limits: ProviderLimits): CallWatch {
  const controller = new AbortController()
  let stopped: StopReason | null = null
  let phase: Exclude<StopReason, 'aborted'> = 'first byte'
  let sinceMs = clock.nowMs()
  let paused = false
  let cancelTimer = clock.after(limits.firstByteTimeoutMs, expire)
  limits.signal.addEventListener('abort', abort, { once: true })
  if (limits.signal.aborted) abort()

  function stop(reason: StopReason): void {
    stopped ??= reason
    cancelTimer()
    controller.abort()
  }

  function abort(): void {
    stop('aborted')
  }

  function expire(): void {
    // Every byte moves `sinceMs`, not the timer: the timer looks again when it fires.
    const limitMs = phase === 'first byte' ? limits.firstByteTimeoutMs : limits.idleTimeoutMs
    const leftMs = paused ? limitMs : sinceMs + limitMs - clock.nowMs()
    if (leftMs <= 0) stop(phase)
    else cancelTimer = clock.after(leftMs, expire)
  }

  return {
    signal: controller.signal,
    get stopped() {
      return stopped
    },
    touch() {
      sinceMs = clock.nowMs()
      paused = false
      if (phase === 'next byte' || stopped !== null) return
      phase = 'next byte'
      cancelTimer()
      cancelTimer = clock.after(limits.idleTimeoutMs, expire)
    },
    pause() {
      paused = true
    },
    end() {
      limits.signal.removeEventListener('abort', abort)
      cancelTimer()
    }
  }
}
