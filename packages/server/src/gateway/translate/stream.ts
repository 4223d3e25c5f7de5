import { totalInput, type Usage } from '../../catalog/price.js'
import { createTextCounter, type Tokenizer, tokenizerOf } from '../request/estimate.js'
import { parseSseEvent } from '../usage/sse-scanner.js'
import type { TapOutput, UsageTap } from '../usage/tap.js'
import { createChatDecoder } from './decode-chat.js'
import { createMessagesDecoder, type Decoder } from './decode-messages.js'
import { createChatEncoder } from './encode-chat.js'
import { createMessagesEncoder, type Encoder } from './encode-messages.js'
import { createResponsesEncoder } from './encode-responses.js'
import { createEventBuffer } from './event-buffer.js'
import { createFreeformCalls } from './freeform.js'
import type { AnswerEvent, NeutralRequest, UpstreamFormat, UsageReading, WireFormat } from './neutral.js'
import { NOTHING_READ } from './usage.js'

export interface StreamTranslation {
  readonly from: UpstreamFormat
  readonly to: WireFormat
  readonly request: NeutralRequest
  /** The time the answer is dated by. */
  readonly nowMs: number
  /** What the answer is named by. */
  readonly id: string
  /** Stands in for the input's count until, or unless, the provider gives it. */
  readonly inputTokensEstimated?: number
  readonly eventBytesMax?: number
}

/** An event of the answer, or only a sign that the upstream is there. */
type Told = AnswerEvent | 'alive'

const KEEP_ALIVE = ': keep-alive\n\n'
const NOTHING: TapOutput = { forward: null, final: null, error: null }

/**
 * Reads a stream of one format and writes another, event by event. What may go out comes as `forward`; the event that
 * completes the answer comes as `final`, to be held back until the answer is billed.
 */
export function createStreamTranslator(translation: StreamTranslation): UsageTap {
  const { inputTokensEstimated = 0, eventBytesMax } = translation
  const buffer = createEventBuffer(eventBytesMax)
  const decoder = decoderOf(translation)
  const encoder = encoderOf(translation, inputTokensEstimated)
  const asCalled = createFreeformCalls(translation.request.tools)
  const watch = createWatch(inputTokensEstimated, tokenizerOf(translation.from))
  let over = false

  function take(told: readonly Told[]): TapOutput {
    let forward = ''
    for (const event of told) {
      if (event === 'alive') {
        forward += KEEP_ALIVE
        continue
      }
      watch.note(event)
      if (event.type === 'error') {
        over = true
        return { ...output(forward), error: event.error }
      }
      if (event.type === 'end') {
        over = true
        const { forward: last, final } = encoder.end(watch.finish())
        return { ...output(forward + last), final: Buffer.from(final) }
      }
      for (const called of asCalled(event)) forward += encoder.write(called)
    }
    return output(forward)
  }

  const tap = {
    push(chunk: Uint8Array): TapOutput {
      if (over) return NOTHING
      const told = buffer.take(chunk).flatMap((bytes): readonly Told[] => {
        const { name, data } = parseSseEvent(bytes)
        // A comment, or Anthropic's ping: what keeps the connection alive upstream does so here.
        return data === '' || name === 'ping' ? ['alive'] : decoder.read(name, data)
      })
      return take(told)
    },
    close(): TapOutput {
      if (over) return NOTHING
      // The last event may lack its blank line where the upstream closes right after it.
      const { name, data } = parseSseEvent(buffer.rest())
      return take([...(data === '' ? [] : decoder.read(name, data)), ...decoder.close()])
    }
  }
  return withReadings(tap, watch)
}

function output(forward: string): TapOutput {
  return forward === '' ? NOTHING : { forward: Buffer.from(forward), final: null, error: null }
}

function decoderOf({ from, request, id }: StreamTranslation): Decoder {
  return from === 'messages' ? createMessagesDecoder() : createChatDecoder({ answerId: id, stop: request.stop })
}

function encoderOf({ to, request, nowMs, id }: StreamTranslation, inputTokensEstimated: number): Encoder {
  const context = { id, nowMs, model: request.model }
  switch (to) {
    case 'messages':
      return createMessagesEncoder(context, { inputTokensEstimated })
    case 'chat':
      return createChatEncoder(context, { includeUsage: request.includeUsage })
    case 'responses':
      return createResponsesEncoder({ context, echo: request.echo, tools: request.tools })
  }
}

/** What a tap tells of the answer so far, gathered from its events. */
export type Watch = ReturnType<typeof createWatch>

export function createWatch(inputTokensEstimated: number, tokenizer: Tokenizer) {
  const counter = createTextCounter(tokenizer)
  const state = {
    reading: NOTHING_READ as UsageReading,
    usageSeen: false,
    stopReason: null as string | null,
    model: null as string | null,
    messageId: null as string | null,
    sawFinal: false,
    firstContentSeen: false
  }
  return {
    state,
    deliveredTextTokens: () => counter.tokens(),
    note(event: AnswerEvent): void {
      switch (event.type) {
        case 'start':
          state.model = event.model
          state.messageId = event.id
          break
        case 'block_start':
          state.firstContentSeen = true
          break
        case 'block_delta':
          counter.add(event.text)
          break
        case 'usage':
          state.reading = { usage: event.usage, reasoningTokens: event.reasoningTokens }
          // No request is without input: a count of none of it is no count.
          state.usageSeen ||= totalInput(event.usage) > 0
          break
        case 'finish':
          state.stopReason = event.stopReason
          break
        case 'end':
          state.sawFinal = true
      }
    },
    /** The usage to bill and to tell: the provider's, else an estimate of both sides. */
    finish(): UsageReading {
      return state.usageSeen ? state.reading : this.estimate()
    },
    estimate(): UsageReading {
      const usage: Usage = {
        ...state.reading.usage,
        inputTokens: inputTokensEstimated,
        outputTokens: state.reading.usage.outputTokens || counter.tokens()
      }
      state.reading = { ...state.reading, usage }
      return state.reading
    }
  }
}

const NO_TOOL_CALLS: Usage['toolCalls'] = {}

export function withReadings(tap: Pick<UsageTap, 'push' | 'close'>, watch: Watch): UsageTap {
  const { state } = watch
  return {
    push: tap.push,
    close: tap.close,
    get usage() {
      return state.reading.usage
    },
    get usageSeen() {
      return state.usageSeen
    },
    // Told once the output is counted: until then an answer that is broken off is billed by what was delivered.
    get stopReason() {
      return state.sawFinal || state.reading.usage.outputTokens > 0 ? state.stopReason : null
    },
    get model() {
      return state.model
    },
    get messageId() {
      return state.messageId
    },
    get sawFinal() {
      return state.sawFinal
    },
    get firstContentSeen() {
      return state.firstContentSeen
    },
    // Tools at the provider are refused in what is translated.
    toolCallsSeen: NO_TOOL_CALLS,
    get deliveredTextTokens() {
      return watch.deliveredTextTokens()
    }
  }
}
