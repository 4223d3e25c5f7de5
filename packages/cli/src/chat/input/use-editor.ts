import { useInput, usePaste } from 'ink'
import { useRef, useState } from 'react'
import { type KeyEffect, onKey } from './keys.js'
import { bufferOf, EMPTY, insert, type TextBuffer } from './text-buffer.js'

export interface Editor {
  readonly buffer: TextBuffer
  /** The newest buffer, also between two renderings. */
  current(): TextBuffer
  set(buffer: TextBuffer): void
  /** Empties the input and keeps what was in it among the earlier messages. */
  take(): void
}

/** Holds what is typed; hands over what is more than typing. */
export function useEditor(
  onEffect: (effect: Exclude<KeyEffect, { type: 'edit' | 'older' | 'newer' }>) => void
): Editor {
  const [buffer, show] = useState(EMPTY)
  const newest = useRef(EMPTY)
  const past = useRef<{ entries: string[]; at: number }>({ entries: [], at: 0 })
  const set = (next: TextBuffer) => {
    newest.current = next
    show(next)
  }
  const recall = (step: -1 | 1) => {
    const { entries, at } = past.current
    const index = at + step
    if (index < 0 || index > entries.length) return
    past.current = { entries, at: index }
    set(bufferOf(entries[index] ?? ''))
  }
  useInput((input, key) => {
    const effect = onKey(newest.current, input, key)
    if (effect.type === 'edit') set(effect.buffer)
    else if (effect.type === 'older') recall(-1)
    else if (effect.type === 'newer') recall(1)
    else onEffect(effect.type === 'submit' ? { type: 'submit', text: effect.text } : effect)
  })
  usePaste((text) => set(insert(newest.current, text)))
  return {
    buffer,
    current: () => newest.current,
    set,
    take() {
      const entries = [...past.current.entries, newest.current.text].filter((text) => text.trim() !== '')
      past.current = { entries, at: entries.length }
      set(EMPTY)
    }
  }
}
