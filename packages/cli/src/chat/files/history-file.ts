import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateFile } from './private-file.js'

/** Earlier messages, oldest first, also of other sessions: for ↑ and Ctrl-R. */
export interface History {
  entries(): readonly string[]
  /** `kept` false: for this session alone. */
  add(text: string, options: { kept: boolean }): void
}

const ENTRIES_MAX = 1_000
const ENTRY_CHARS_MAX = 10_000

export function createHistory(dir: string): History {
  const path = join(dir, 'history.jsonl')
  let entries: readonly string[] | undefined
  return {
    entries() {
      entries ??= read(path)
      return entries
    },
    add(text, { kept }) {
      const before = entries ?? read(path)
      if (!text.trim() || before.at(-1) === text) return
      entries = [...before, text].slice(-ENTRIES_MAX)
      if (!kept || text.length > ENTRY_CHARS_MAX) return
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 })
        appendFileSync(path, `${JSON.stringify(text)}\n`, { mode: 0o600 })
      } catch {
        // Remembering is a convenience.
      }
    }
  }
}

function read(path: string): readonly string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
    const entries = lines.flatMap((line) => {
      try {
        const text: unknown = JSON.parse(line)
        return typeof text === 'string' ? [text] : []
      } catch {
        // A line that was cut off by a crash.
        return []
      }
    })
    if (lines.length > 2 * ENTRIES_MAX) {
      const kept = entries.slice(-ENTRIES_MAX)
      writePrivateFile(path, kept.map((text) => `${JSON.stringify(text)}\n`).join('')).catch(() => {})
    }
    return entries.slice(-ENTRIES_MAX)
  } catch {
    return []
  }
}
