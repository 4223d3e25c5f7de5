import { Zip, ZipDeflate } from 'fflate'

/** A file of a ZIP, its text coming piece by piece. */
export interface ZipFile {
  readonly name: string
  readonly text: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>
}

/** Largest ZIP that is made. */
const BYTES_MAX = 256 * 1024 * 1024

/** All files in one ZIP; only what is packed is in memory. Throws `RangeError` where that is too much. */
export async function zipOf(files: readonly ZipFile[], atMs: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  const done = Promise.withResolvers<void>()
  const zip = new Zip((error, chunk, isLast) => {
    if (error) return done.reject(error)
    size += chunk.length
    if (size > BYTES_MAX) return done.reject(new RangeError('the export is larger than 256 MB'))
    chunks.push(chunk)
    if (isLast) done.resolve()
  })
  for (const { name, text } of files) {
    const entry = new ZipDeflate(name, { level: 6 })
    entry.mtime = atMs
    zip.add(entry)
    for await (const piece of text) entry.push(Buffer.from(piece))
    entry.push(new Uint8Array(), true)
    // A long book must not hold streams up.
    await new Promise((resolve) => setImmediate(resolve))
  }
  zip.end()
  await done.promise
  return Buffer.concat(chunks, size)
}
