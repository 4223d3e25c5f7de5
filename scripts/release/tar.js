import { gzipSync } from 'node:zlib'

const BLOCK = 512
/** Every file of every release has this time: 2026-01-01. */
const MTIME_S = 1_767_225_600
/** Byte 9 of a gzip file names the system that it was made on; 255 is "unknown". */
const OS_BYTE = 9

/**
 * A .tar.gz with the same bytes for the same files, whoever packs them when and where: sorted, owned by nobody in
 * particular, of one time. `files` are `{ path, mode, data }`.
 */
export function packTarGz(files, { level = 9 } = {}) {
  const zipped = gzipSync(packTar(files), { level })
  zipped[OS_BYTE] = 255
  return zipped
}

export function packTar(files) {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const folders = new Set(sorted.flatMap(({ path }) => parentsOf(path)))
  const entries = [
    ...[...folders].map((path) => ({ path: `${path}/`, mode: 0o755, data: Buffer.alloc(0), type: '5' })),
    ...sorted.map((file) => ({ ...file, type: '0' }))
  ].sort((a, b) => (a.path < b.path ? -1 : 1))
  const parts = entries.flatMap((entry) => [headOf(entry), entry.data, padding(entry.data.length)])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function parentsOf(path) {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

function padding(size) {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}

function headOf({ path, mode, data, type }) {
  const { name, prefix } = splitName(path)
  const head = Buffer.alloc(BLOCK)
  const octal = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`
  head.write(name, 0)
  head.write(octal(mode, 8), 100)
  head.write(octal(0, 8), 108)
  head.write(octal(0, 8), 116)
  head.write(octal(data.length, 12), 124)
  head.write(octal(MTIME_S, 12), 136)
  head.write(' '.repeat(8), 148)
  head.write(type, 156)
  head.write('ustar\x0000', 257)
  head.write(prefix, 345)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

/** ustar has 100 bytes for a name and 155 for the folders before it. */
function splitName(path) {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' }
  for (let at = path.lastIndexOf('/', path.length - 2); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { name, prefix }
  }
  throw new Error(`the name is too long for an archive: ${path}`)
}
