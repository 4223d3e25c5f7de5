import type { JsonObject } from '../request/value.js'
import type { CallQueue } from './call-queue.js'
import type { AnswerEvent } from './neutral.js'
import { addPiece, dataOfDetail, signatureOfDetail, textOfDetail } from './reasoning-details.js'

type Kind = 'text' | 'thinking' | 'refusal'

/** Text, reasoning and refusals of a chat stream, which may come in any order, as blocks one after another. */
export interface ChatWords {
  say(kind: Kind, text: unknown): readonly AnswerEvent[]
  /** A piece of reasoning as OpenRouter tells it; one that only its provider can read waits for calls that began to end. */
  sayDetail(piece: JsonObject): readonly AnswerEvent[]
  close(): readonly AnswerEvent[]
  /** What waited for the calls to end. */
  rest(): readonly AnswerEvent[]
}

export function createChatWords(calls: CallQueue): ChatWords {
  let open: Kind | null = null
  /** What the reasoning that is open says beside its text. */
  let detail: JsonObject | null = null
  const waiting: AnswerEvent[] = []

  function close(): readonly AnswerEvent[] {
    if (open === null) return []
    const signature = detail === null ? null : signatureOfDetail(detail)
    open = null
    detail = null
    return [...(signature === null ? [] : [{ type: 'signature' as const, signature }]), { type: 'block_stop' }]
  }

  /** Words between calls end the calls before them. */
  function begin(kind: Kind): readonly AnswerEvent[] {
    const before = [...calls.flush(), ...close()]
    open = kind
    return [...before, { type: 'block_start', block: { type: kind } }]
  }

  function sayHidden(piece: JsonObject): readonly AnswerEvent[] {
    const block = { type: 'redacted_thinking', data: dataOfDetail(piece) } as const
    const told: readonly AnswerEvent[] = [{ type: 'block_start', block }, { type: 'block_stop' }]
    if (!calls.any()) return [...close(), ...told]
    waiting.push(...told)
    return []
  }

  return {
    close,
    rest: () => waiting,
    say(kind, text) {
      if (typeof text !== 'string' || text === '') return []
      return [...(open === kind ? [] : begin(kind)), { type: 'block_delta', text }]
    },
    sayDetail(piece) {
      const text = textOfDetail(piece)
      if (text === null) return sayHidden(piece)
      if (text === '' && !piece.signature) return []
      const added = detail && addPiece(detail, piece)
      const before = added ? [] : begin('thinking')
      detail = added || piece
      return [...before, ...(text === '' ? [] : [{ type: 'block_delta' as const, text }])]
    }
  }
}
