import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** All that a releases folder holds and may be asked for; nothing that could leave it. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^manifest\.json$/, 'application/json'],
  [/^manifest\.json\.sig$/, 'application/octet-stream'],
  [/^\d[0-9A-Za-z.-]*\/SHA256SUMS$/, 'text/plain; charset=utf-8'],
  [/^\d[0-9A-Za-z.-]*\/SHA256SUMS\.sig$/, 'application/octet-stream'],
  [/^\d[0-9A-Za-z.-]*\/caicaini-[0-9A-Za-z.-]+\.tar\.gz$/, 'application/gzip']
]

export interface ReleaseFile {
  readonly type: string
  readonly size: number
  /** Changes whenever the file does. */
  readonly etag: string
  /** Bytes `from` to `to`, both included. */
  read(range: { from: number; to: number }): ReadableStream<Uint8Array<ArrayBuffer>>
}

/** A file of the releases folder by its path from there; undefined where there is none of that name. */
export async function findRelease(dir: string, path: string): Promise<ReleaseFile | undefined> {
  const type = NAMES.find(([pattern]) => pattern.test(path))?.[1]
  if (type === undefined || path.includes('..')) return undefined
  const file = join(dir, path)
  const stats = await statOf(file)
  if (!stats?.isFile()) return undefined
  return {
    type,
    size: stats.size,
    etag: `"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}-${stats.ino.toString(36)}"`,
    read: ({ from, to }) =>
      Readable.toWeb(createReadStream(file, { start: from, end: to })) as ReadableStream<Uint8Array<ArrayBuffer>>
  }
}

/** An installer's text as the release has it; undefined where there is none. */
export async function readInstaller(dir: string, name: 'install' | 'install.ps1'): Promise<string | undefined> {
  return (await ifThere(() => readFile(join(dir, name), 'utf8'))) ?? undefined
}

function statOf(file: string) {
  return ifThere(async () => {
    const handle = await open(file, 'r')
    try {
      return await handle.stat()
    } finally {
      await handle.close()
    }
  })
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
