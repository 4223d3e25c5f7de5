import { open, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContentBlock } from './answer.js'
import { usageError } from './cli-error.js'
import { documentTokens, IMAGE_TOKENS, textTokens } from './estimate.js'
import type { Env } from './io.js'

/** Anthropic takes images up to 5 MB and requests up to 32 MB (docs, vision and PDF support). */
const IMAGE_BYTES_MAX = 5_000_000
const PDF_BYTES_MAX = 20_000_000
const TEXT_BYTES_MAX = 2_000_000

const SIGNATURES: readonly { readonly type: string; readonly matches: (head: Buffer) => boolean }[] = [
  { type: 'image/png', matches: (head) => head.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')) },
  { type: 'image/jpeg', matches: (head) => head.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')) },
  { type: 'image/gif', matches: (head) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6)) },
  { type: 'image/webp', matches: (head) => /^RIFF....WEBP/s.test(head.toString('latin1', 0, 12)) },
  { type: 'application/pdf', matches: (head) => head.toString('latin1', 0, 5) === '%PDF-' }
]

/** A file that was read, as a message carries it. */
export interface Attachment {
  readonly name: string
  readonly mediaType: string
  readonly bytes: number
  /** A guess, for what it will cost. */
  readonly tokens: number
  /** The text of a text file, base64 of anything else. */
  readonly data: string
  readonly isText: boolean
}

/** Reads a file as a message takes it along; a usage error that says why where it cannot. Its type is what its bytes are. */
export async function readAttachment(path: string): Promise<Attachment> {
  const name = basename(path)
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw usageError(error.code === 'ENOENT' ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`)
  })
  if (!facts.isFile()) throw usageError(`${path} is not a file`)
  if (facts.size > PDF_BYTES_MAX) throw tooLarge(path, facts.size, PDF_BYTES_MAX)
  return attachmentOf(name, await readWhole(path, facts.size))
}

/** The same of bytes that are at hand. */
export function attachmentOf(name: string, bytes: Buffer): Attachment {
  const mediaType = SIGNATURES.find(({ matches }) => matches(bytes))?.type
  if (mediaType === undefined) return textAttachment(name, bytes)
  const isImage = mediaType.startsWith('image/')
  const limit = isImage ? IMAGE_BYTES_MAX : PDF_BYTES_MAX
  if (bytes.length > limit) throw tooLarge(name, bytes.length, limit)
  const tokens = isImage ? IMAGE_TOKENS : documentTokens(bytes.length)
  return { name, mediaType, bytes: bytes.length, tokens, data: bytes.toString('base64'), isText: false }
}

function textAttachment(name: string, bytes: Buffer): Attachment {
  if (bytes.length > TEXT_BYTES_MAX) throw tooLarge(name, bytes.length, TEXT_BYTES_MAX)
  let data: string
  try {
    data = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw usageError(`${name} is neither text, an image (PNG, JPEG, GIF, WebP) nor a PDF`)
  }
  if (data.includes('\u0000')) throw usageError(`${name} is neither text, an image (PNG, JPEG, GIF, WebP) nor a PDF`)
  return { name, mediaType: 'text/plain', bytes: bytes.length, tokens: textTokens(data), data, isText: true }
}

async function readWhole(path: string, size: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const bytes = Buffer.alloc(size)
    const { bytesRead } = await file.read(bytes, 0, size, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function tooLarge(name: string, bytes: number, limit: number): Error {
  return usageError(`${name} has ${sizeText(bytes)}; the limit is ${sizeText(limit)}`)
}

/** A path as people write it: `~`, quotes and backslashes of a shell, `file://`. */
export function pathOf(text: string, { env, cwd }: { env: Env; cwd: string }): string {
  const bare = text
    .trim()
    .replace(/^(['"])(.*)\1$/, '$2')
    .replace(/\\(.)/g, '$1')
  if (bare.startsWith('file://')) {
    try {
      return fileURLToPath(bare)
    } catch {
      return bare
    }
  }
  const expanded = bare.replace(/^~(?=\/|$)/, env.HOME || homedir())
  return isAbsolute(expanded) ? expanded : resolve(join(cwd, expanded))
}

/** The part of a message that a file is; a text file names itself. */
export function blockOf({ name, mediaType, data, isText }: Attachment): ContentBlock {
  if (isText) return { type: 'text', text: `<file name="${name.replaceAll('"', "'")}">\n${data}\n</file>` }
  const source = { type: 'base64', media_type: mediaType, data } as const
  return mediaType === 'application/pdf' ? { type: 'document', source, title: name } : { type: 'image', source }
}

/** `312 B`, `1.2 KB`, `3.4 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'KB'] : [bytes / 1_000_000, 'MB']
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
}
