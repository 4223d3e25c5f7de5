import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../context.js'
import { openEditor } from '../../lib/editor.js'
import { type Chip, chipLabel, type Draft, markOf, shownText } from '../input/chips.js'

/** Opens the draft in the user's own editor ($VISUAL, $EDITOR); undefined when it was left unchanged. */
export async function editElsewhere(
  draft: Draft,
  { context: { env, platform }, suspend }: { context: Context; suspend: (action: () => Promise<void>) => Promise<void> }
): Promise<Draft | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-draft-'))
  const path = join(dir, 'message.md')
  try {
    const before = shownText(draft)
    // Files end in a newline.
    writeFileSync(path, `${before}\n`, { mode: 0o600 })
    await suspend(() => openEditor(path, { env, platform }))
    const text = readFileSync(path, 'utf8').replace(/\r\n/g, '\n').replace(/\n$/, '')
    return text === before ? undefined : { ...draft, text: withMarks(text, draft.chips) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Chips stand in the editor as their labels; one that was deleted there is gone. */
function withMarks(text: string, chips: readonly Chip[]): string {
  return chips.reduce((marked, chip, index) => marked.replace(chipLabel(chip), markOf(index)), text)
}
