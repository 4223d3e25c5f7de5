import { createHash } from 'node:crypto'
import type { ChatContent } from '@caicaini/protocol/api'

/** An image or a document, taken out of the message that brought it. */
export interface ChatFile {
  readonly sha256: string
  readonly mediaType: string
  readonly body: Uint8Array
}

/** What is stored of a message: its blocks without their files, and those. */
export interface StoredContent {
  readonly blocks: ChatContent[]
  readonly files: ChatFile[]
}

const TITLE_CHARS_MAX = 120
/** Blocks hold blocks, such as a tool's result; deeper than this nobody nests them. */
const DEPTH_MAX = 4

/** The content of a message of Anthropic's format; what is no block is left out. */
export function storedContent(content: unknown): StoredContent {
  const files: ChatFile[] = []
  return { blocks: blocksOf(content, files, 0), files }
}

function blocksOf(content: unknown, files: ChatFile[], depth: number): ChatContent[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  if (!Array.isArray(content)) return []
  return content.filter(isBlock).map((block) => storedBlock(block, files, depth))
}

function storedBlock(block: ChatContent, files: ChatFile[], depth: number): ChatContent {
  // A mark of the request that it came in, not of what was said; and `file` is ours to give.
  const { cache_control: _, file: __, ...rest } = block
  const { source, content } = rest
  if (isObject(source) && typeof source.data === 'string' && typeof source.media_type === 'string') {
    const { source: ___, ...without } = rest
    const file = fileOf(source.data, { mediaType: source.media_type, isText: source.type === 'text' })
    files.push(file)
    const name = typeof rest.title === 'string' ? rest.title : null
    return { ...without, file: { sha256: file.sha256, media_type: file.mediaType, bytes: file.body.length, name } }
  }
  if (Array.isArray(content) && depth < DEPTH_MAX) return { ...rest, content: blocksOf(content, files, depth + 1) }
  return rest
}

function fileOf(data: string, { mediaType, isText }: { mediaType: string; isText: boolean }): ChatFile {
  const body = Buffer.from(data, isText ? 'utf8' : 'base64')
  return { sha256: createHash('sha256').update(body).digest('hex'), mediaType: mediaType.slice(0, 100), body }
}

/** All that a reader sees of a message as text, for looking words up in it. */
export function textOf(blocks: readonly ChatContent[]): string {
  return blocks.flatMap((block) => (typeof block.text === 'string' ? [block.text] : [])).join('\n')
}

/** How a message begins: its first line that says something, on one line. */
export function firstLineOf(blocks: readonly ChatContent[]): string {
  const line = textOf(blocks)
    .split(/\r\n|\n|\r/)
    .map((each) => each.replace(/\p{Cc}+/gu, ' ').trim())
    .find((each) => each !== '')
  const name = blocks.find(({ file }) => file?.name)?.file?.name
  return [...(line ?? name ?? '')].slice(0, TITLE_CHARS_MAX).join('')
}

/** A system prompt as one text; null where there is none. */
export function systemText(system: unknown): string | null {
  const text = typeof system === 'string' ? system : textOf(blocksOf(system, [], 0))
  return text === '' ? null : text
}

function isBlock(value: unknown): value is ChatContent {
  return isObject(value) && typeof value.type === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
