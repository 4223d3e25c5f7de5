import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.js'
import type { Draft } from '../input/chips.js'
import { removeFile, writePrivateFile } from './private-file.js'

/** What was being typed, and what waited to be sent. */
export interface KeptDraft {
  readonly draft: Draft
  readonly queue: readonly Draft[]
}

/** Keeps what is typed, so that a closed window or a crash loses at most the last letters. */
export interface DraftFile {
  read(): KeptDraft | undefined
  /** Written soon; what comes meanwhile is written with it. */
  keep(draft: KeptDraft): void
  /** Writes what waits to be written, now. */
  flush(): void
}

const SOON_MS = 200
/** Files go along as they are; beyond this the words alone are kept. */
const CHARS_MAX = 4_000_000

export function createDraftFile(dir: string, clock: Clock): DraftFile {
  const path = join(dir, 'draft.json')
  let waiting: KeptDraft | undefined
  let cancel = () => {}
  const flush = () => {
    cancel()
    const kept = waiting
    waiting = undefined
    if (!kept) return
    try {
      if (kept.draft.text === '' && kept.queue.length === 0) return removeFile(path)
      const text = JSON.stringify(kept)
      writePrivateFile(path, text.length <= CHARS_MAX ? text : JSON.stringify(wordsOf(kept)))
    } catch {
      // A full disk must not end a chat.
    }
  }
  return {
    read() {
      try {
        const value = JSON.parse(readFileSync(path, 'utf8'))
        return isKept(value) ? value : undefined
      } catch {
        return undefined
      }
    },
    keep(draft) {
      if (!waiting) cancel = clock.after(SOON_MS, flush)
      waiting = draft
    },
    flush
  }
}

function wordsOf({ draft, queue }: KeptDraft): KeptDraft {
  const words = ({ text }: Draft) => ({ text: text.replace(/[\ufdd0-\ufdef]/g, ''), chips: [] })
  return { draft: words(draft), queue: queue.map(words) }
}

function isKept(value: unknown): value is KeptDraft {
  const isDraft = (one: unknown) =>
    typeof one === 'object' &&
    one !== null &&
    typeof (one as Draft).text === 'string' &&
    Array.isArray((one as Draft).chips)
  const { draft, queue } = (value ?? {}) as Partial<KeptDraft>
  return isDraft(draft) && Array.isArray(queue) && queue.every(isDraft)
}
