import { isObject, type JsonObject } from '../request/value.js'
import { createSseScanner, parseSseEvent } from '../usage/sse-scanner.js'

interface Block {
  readonly start: JsonObject
  text: string
  thinking: string
  signature: string
  json: string
  readonly citations: unknown[]
  whole: boolean
}

export type AnswerReader = ReturnType<typeof createAnswerReader>

/** Reads what a client is given of an answer in Anthropic's format, to be told as blocks however it ends. */
export function createAnswerReader() {
  const scanner = createSseScanner()
  const blocks = new Map<number, Block>()
  let pending = Buffer.alloc(0)
  let plain: readonly unknown[] | undefined

  function read({ name, data }: { name: string; data: string }): void {
    if (!name.startsWith('content_block') && name !== '') return
    const event = parse(data)
    if (!isObject(event)) return
    const index = Number(event.index)
    if (event.type === 'content_block_start' && isObject(event.content_block))
      blocks.set(index, blockOf(event.content_block))
    const block = blocks.get(index)
    if (!block) return
    if (event.type === 'content_block_stop') block.whole = true
    if (event.type === 'content_block_delta' && isObject(event.delta)) addDelta(block, event.delta)
  }

  return {
    /** Bytes of a stream. */
    push(chunk: Uint8Array): void {
      const offset = pending.length
      const buffer = Buffer.concat([pending, chunk])
      let start = 0
      for (const end of scanner.scan(chunk)) {
        read(parseSseEvent(buffer.subarray(start, end + offset)))
        start = end + offset
      }
      pending = Buffer.from(buffer.subarray(start))
    },
    /** An answer that was not streamed. */
    whole(bytes: Uint8Array): void {
      const answer = parse(Buffer.from(bytes).toString('utf8'))
      plain = isObject(answer) && Array.isArray(answer.content) ? answer.content : []
    },
    blocks: (): readonly unknown[] => plain ?? [...blocks.values()].flatMap(toBlock)
  }
}

function blockOf(start: JsonObject): Block {
  return { start, text: '', thinking: '', signature: '', json: '', citations: [], whole: false }
}

function addDelta(block: Block, delta: JsonObject): void {
  for (const [field, into] of FIELDS) if (typeof delta[field] === 'string') block[into] += delta[field]
  if (delta.citation !== undefined) block.citations.push(delta.citation)
}

const FIELDS = [
  ['text', 'text'],
  ['thinking', 'thinking'],
  ['signature', 'signature'],
  ['partial_json', 'json']
] as const

/** None where nothing was said in it, and none of a call that was broken off: nobody can make it. */
function toBlock({ start, text, thinking, signature, json, citations, whole }: Block): object[] {
  switch (start.type) {
    case 'text': {
      const said = `${start.text ?? ''}${text}`
      return said === '' ? [] : [{ ...start, text: said, ...(citations.length > 0 && { citations }) }]
    }
    case 'thinking': {
      const thought = `${start.thinking ?? ''}${thinking}`
      const sign = `${start.signature ?? ''}${signature}`
      return thought === '' && sign === '' ? [] : [{ ...start, thinking: thought, signature: sign }]
    }
    case 'tool_use':
    case 'server_tool_use':
      return whole ? [{ ...start, input: parse(json) ?? start.input }] : []
    default:
      return whole ? [start] : []
  }
}

function parse(json: string): unknown {
  try {
    return json === '' ? undefined : JSON.parse(json)
  } catch {
    return undefined
  }
}
