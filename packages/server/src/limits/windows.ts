export const WINDOW_MS = 60_000

/** What one key has taken in one minute. Whoever took a place keeps it, so that nothing late counts in the next one. */
export interface Window {
  readonly startMs: number
  requests: number
  /** May exceed the limit once the truth is known. */
  inputTokens: number
}

export type Windows = ReturnType<typeof createWindows>

/** Fixed windows of a minute, from a key's first request; they are forgotten when they are over. */
export function createWindows() {
  // In order of their start, for a window is put at the end when it begins: the old ones are in front.
  const windows = new Map<string, Window>()

  function dropOld(nowMs: number): void {
    for (const [keyId, window] of windows) {
      if (!isOver(window, nowMs)) return
      windows.delete(keyId)
    }
  }

  return {
    get size() {
      return windows.size
    },

    /** The key's window, or undefined where the next request begins one. */
    current(keyId: string, nowMs: number): Window | undefined {
      const window = windows.get(keyId)
      return window && !isOver(window, nowMs) ? window : undefined
    },

    /** Begins the key's window, with nothing taken yet. */
    begin(keyId: string, nowMs: number): Window {
      dropOld(nowMs)
      const window = { startMs: nowMs, requests: 0, inputTokens: 0 }
      windows.delete(keyId)
      windows.set(keyId, window)
      return window
    }
  }
}

/** Whole seconds until a window that began at `startMs` is over, at least 1. */
export function secondsLeft({ startMs }: { readonly startMs: number }, nowMs: number): number {
  return Math.max(1, Math.ceil((startMs + WINDOW_MS - nowMs) / 1000))
}

function isOver({ startMs, requests }: Window, nowMs: number): boolean {
  // One that was given back whole never was; one from the future is from before the clock was set back.
  return requests === 0 || nowMs - startMs >= WINDOW_MS || startMs > nowMs
}
