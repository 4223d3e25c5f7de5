import type { KeyWindow } from './rules.js'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const KEYS_MAX = 10_000
/** More of a kind than any rule asks for says nothing new. */
const NAMES_MAX = 500

export interface Use {
  readonly keyId: string
  readonly network?: string | undefined
  readonly client?: string | undefined
  readonly endUser?: string | undefined
  /** A hash of what a conversation begins with, where this request begins one. */
  readonly begins?: string | undefined
}

interface Counted extends KeyWindow {
  readonly networks: Set<string>
  readonly clients: Set<string>
  readonly endUsers: Set<string>
  readonly begun: Map<string, number>
  minute: number
}

/** Counts, in this process' memory, how keys are used in an hour. Bounded, whatever anybody sends. */
export function createWindows() {
  let windows = new Map<string, Counted>()

  function windowOf(keyId: string, nowMs: number): Counted {
    const found = windows.get(keyId)
    if (found && nowMs - found.fromMs < HOUR_MS) return found
    if (windows.size >= KEYS_MAX) windows = new Map()
    const sets = { networks: new Set<string>(), clients: new Set<string>(), endUsers: new Set<string>() }
    const fresh = { keyId, fromMs: nowMs, minute: 0, begun: new Map<string, number>(), ...sets }
    windows.set(keyId, fresh)
    return fresh
  }

  return {
    /** Counts one use; the window as it is now. */
    count({ keyId, network, client, endUser, begins }: Use, nowMs: number): KeyWindow {
      const window = windowOf(keyId, nowMs)
      add(window.networks, network)
      add(window.clients, client)
      add(window.endUsers, endUser)
      const minute = Math.floor(nowMs / MINUTE_MS)
      if (window.minute !== minute) window.begun.clear()
      window.minute = minute
      if (begins !== undefined && (window.begun.has(begins) || window.begun.size < NAMES_MAX))
        window.begun.set(begins, (window.begun.get(begins) ?? 0) + 1)
      return window
    }
  }
}

function add(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && names.size < NAMES_MAX) names.add(name)
}
