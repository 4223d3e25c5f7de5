import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathOf } from '../../lib/attach.js'
import type { Env } from '../../lib/io.js'
import type { Menu, MenuItem } from '../input/editor.js'
import type { TextBuffer } from '../input/text-buffer.js'

const ITEMS_MAX = 50

/** The `@path` that the cursor stands at the end of: where it begins and what is typed of it. */
export function pathAtCursor({ text, cursor }: TextBuffer): { from: number; typed: string } | undefined {
  const match = /(?:^|\s)@((?:\\.|[^\s\\])*)$/.exec(text.slice(0, cursor))
  if (!match) return undefined
  const typed = match[1] ?? ''
  return { from: cursor - typed.length - 1, typed }
}

/** What `@path` may become: names of one directory, those that begin with what is typed before those that have it in them. */
export async function completePath(
  buffer: TextBuffer,
  { env, cwd }: { env: Env; cwd: string }
): Promise<Menu | undefined> {
  const at = pathAtCursor(buffer)
  if (!at) return undefined
  const typed = at.typed.replace(/\\(.)/g, '$1')
  const isDirectory = typed === '' || typed.endsWith('/')
  const dir = isDirectory ? typed : dirname(typed) === '.' ? '' : `${dirname(typed)}/`.replace('//', '/')
  const part = isDirectory ? '' : basename(typed)
  const entries = await readdir(pathOf(dir || '.', { env, cwd }), { withFileTypes: true }).catch(() => [])
  const items = entries
    .filter(({ name }) => part.startsWith('.') || !name.startsWith('.'))
    .filter(({ name }) => name.toLowerCase().includes(part.toLowerCase()))
    .toSorted((a, b) => rank(a.name, part) - rank(b.name, part) || a.name.localeCompare(b.name))
    .slice(0, ITEMS_MAX)
    .map(
      (entry): MenuItem => ({
        value: join(dir, entry.name) + (entry.isDirectory() ? '/' : ''),
        about: entry.isDirectory() ? 'folder' : ''
      })
    )
  return items.length === 0 ? undefined : { kind: 'file', from: at.from, items, index: 0 }
}

function rank(name: string, part: string): number {
  return name.toLowerCase().startsWith(part.toLowerCase()) ? 0 : 1
}
