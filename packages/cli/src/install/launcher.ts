import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Layout, programOf } from './layout.js'

/** By this line a launcher is known as ours. */
const MARK = 'Caicaini Code: made by its installer'

/** The file that people call, in `binDir`. */
export function launcherPath(binDir: string, platform: NodeJS.Platform): string {
  return join(binDir, platform === 'win32' ? 'caicaini.cmd' : 'caicaini')
}

/** Whether `path` is a launcher of ours, of somebody else, or not there. */
export function launcherAt(path: string): 'ours' | 'foreign' | 'none' {
  if (!existsSync(path)) return 'none'
  return readFileSync(path, 'utf8').slice(0, 300).includes(MARK) ? 'ours' : 'foreign'
}

/** Starts the runtime by its full path: no other process, no look-up. */
export function launcherText({ current }: Pick<Layout, 'current'>, platform: NodeJS.Platform): string {
  const { node, main } = programOf(current, platform)
  if (platform === 'win32') return `@rem ${MARK}\r\n@"${batch(node)}" "${batch(main)}" %*\r\n`
  return `#!/bin/sh\n# ${MARK}\nexec ${quoted(node)} ${quoted(main)} "$@"\n`
}

export function writeLauncher(path: string, text: string): void {
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, text)
    chmodSync(draft, 0o755)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** One word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function batch(text: string): string {
  return text.replaceAll('%', '%%')
}
