import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const BLOCK = 512

export interface TarEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'other'
  readonly mode: number
  readonly size: number
  /** To be read before the next entry is asked for, or left alone. */
  readonly body: AsyncIterable<Uint8Array>
}

/** The entries of a tar archive (POSIX ustar, with pax names). Throws where it is damaged or ends too soon. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const bytes = createByteReader(source)
  let longName: string | undefined
  for (;;) {
    const head = await bytes.take(BLOCK)
    if (head.every((byte) => byte === 0)) return
    const entry = readHead(head)
    const padding = (BLOCK - (entry.size % BLOCK)) % BLOCK
    if (entry.type === 'x' || entry.type === 'g') {
      const records = (await bytes.take(entry.size)).toString('utf8')
      longName = entry.type === 'x' ? /^\d+ path=(.*)$/m.exec(records)?.[1] : longName
      await bytes.take(padding)
      continue
    }
    const body = bytes.stream(entry.size)
    const kind = entry.type === '0' ? 'file' : entry.type === '5' ? 'directory' : 'other'
    yield { name: longName ?? entry.name, kind, mode: entry.mode, size: entry.size, body }
    longName = undefined
    for await (const _ of body);
    await bytes.take(padding)
  }
}

/** Unpacks files and folders into `dir` without the archive's own first folder. Refuses whatever else there is. */
export async function unpack(source: AsyncIterable<Uint8Array>, dir: string): Promise<void> {
  for await (const { name, kind, mode, body } of readTar(source)) {
    const [, ...parts] = name.split('/').filter((part) => part !== '')
    if (kind === 'other' || name.startsWith('/') || parts.some((part) => part === '..' || /[\\:]/.test(part)))
      throw new Error(`the archive has "${name}", which does not belong there`)
    const path = join(dir, ...parts)
    if (kind === 'directory') mkdirSync(path, { recursive: true })
    else {
      mkdirSync(dirname(path), { recursive: true })
      await pipeline(Readable.from(body), createWriteStream(path, { flags: 'wx', mode: mode & 0o755 }))
    }
  }
}

function readHead(head: Buffer): { name: string; type: string; mode: number; size: number } {
  const text = (from: number, length: number) => head.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  const octal = (from: number, length: number) => Number.parseInt(text(from, length).trim() || '0', 8)
  let sum = 0
  for (const [i, byte] of head.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte
  if (sum !== octal(148, 8)) throw new Error('the archive is damaged')
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : ''
  const type = text(156, 1) || '0'
  return { name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), type, mode: octal(100, 8), size: octal(124, 12) }
}

function createByteReader(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const more = async () => {
    const { done, value } = await chunks.next()
    if (done) throw new Error('the archive ends too soon')
    rest = rest.length === 0 ? Buffer.from(value) : Buffer.concat([rest, value])
  }
  const cut = (length: number) => {
    const taken = rest.subarray(0, length)
    rest = rest.subarray(length)
    return taken
  }
  return {
    async take(length: number): Promise<Buffer> {
      while (rest.length < length) await more()
      return cut(length)
    },
    async *stream(length: number): AsyncGenerator<Uint8Array> {
      for (let left = length; left > 0; ) {
        if (rest.length === 0) await more()
        const taken = cut(left)
        left -= taken.length
        yield taken
      }
    }
  }
}
