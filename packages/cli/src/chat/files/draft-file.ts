import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.js'
import type { Draft } from '../input/chips.js'
import { writePrivateFile } from './private-file.js'

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
  /** Writes what waits to be written; resolves once the file is as it was last told. */
  flush(): Promise<void>
}

const SOON_MS = 200
/** Files go along as they are; beyond this the words alone are kept. */
const CHARS_MAX = 4_000_000

export function createDraftFile(dir: string, clock: Clock): DraftFile {
  const path = join(dir, 'draft.json')
  let waiting: KeptDraft | undefined
  let writing: Promise<void> | undefined
  let cancel = () => {}
  // One after the other, so that what was typed before never comes after; without making a key wait for the disk.
  const writeAll = async () => {
    for (let kept = waiting; kept; kept = waiting) {
      waiting = undefined
      await write(path, kept).catch(() => {
        // A full disk must not end a chat.
      })
    }
    writing = undefined
  }
  const flush = () => {
    cancel()
    writing ??= writeAll()
    return writing
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
      if (!waiting) cancel = clock.after(SOON_MS, () => void flush())
      waiting = draft
    },
    flush
  }
}

async function write(path: string, kept: KeptDraft): Promise<void> {
  if (kept.draft.text === '' && kept.queue.length === 0) return rm(path, { force: true })
  const text = JSON.stringify(kept)
  await writePrivateFile(path, text.length <= CHARS_MAX ? text : JSON.stringify(wordsOf(kept)))
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
