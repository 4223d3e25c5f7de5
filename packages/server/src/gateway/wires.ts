import { NO_USAGE, totalInput, type Usage } from '../catalog/price.js'
import type { Preset } from '../catalog/schema.js'
import { errorBody } from '../http/errors.js'
import type { Endpoint, WireFormat } from './providers/provider.js'
import { refusalError } from './refusal.js'
import type { ClientFormat, ClientRequest } from './request/client-request.js'
import { estimateTextTokens, tokenizerOf } from './request/estimate.js'
import { spliceTopLevel } from './request/splice.js'
import { isObject, type JsonObject } from './request/value.js'
import { createChatTap } from './translate/chat-tap.js'
import type { NeutralRequest } from './translate/neutral.js'
import { translateAnswer } from './translate/plain.js'
import { CHAT_QUIRKS, type ChatQuirks } from './translate/quirks.js'
import { readChat } from './translate/read-chat.js'
import { readMessages } from './translate/read-messages.js'
import { readResponses } from './translate/read-responses.js'
import { failureOfChat, stopReasonOfChat } from './translate/stop-reason.js'
import { createStreamTranslator } from './translate/stream.js'
import { toChat } from './translate/to-chat.js'
import { toMessages } from './translate/to-messages.js'
import { usageOfChat } from './translate/usage.js'
import { readPlainUsage } from './usage/anthropic-usage.js'
import { createUsageTap, type UsageTap } from './usage/tap.js'

/** An answer that was not streamed, in the client's format, and what it used. */
export interface PlainRead {
  readonly bytes: Uint8Array
  readonly usage: Usage
  /** The provider did not count. */
  readonly estimated: boolean
  readonly stopReason: string | null
}

/** How one answer travels: what its provider is sent, and how what it says is read on its way to the client. */
export interface Wire {
  readonly endpoint: Endpoint
  readonly body: Uint8Array
  createTap(): UsageTap
  /** Undefined where it is no answer. */
  readPlain(bytes: Uint8Array): PlainRead | undefined
  /** What the provider says of the request itself, in the client's format. */
  refusal(status: number, body: Uint8Array): Uint8Array
}

export interface WireAsk {
  readonly request: ClientRequest
  readonly bytes: Uint8Array
  readonly requestId: string
  readonly nowMs: number
  readonly upstreamModel: string
  /** Tokens that are held for; `clamped` where they are fewer than was asked for. */
  readonly tokens: number
  readonly clamped: number | null
  readonly inputTokensEstimated: number
  readonly provider: { readonly format: WireFormat; readonly preset: Preset }
}

/** The client's bytes as they are where both speak one format, else a translation of them. */
export function wireOf(ask: WireAsk): Wire {
  const { request, provider } = ask
  if (request.format !== provider.format) return translated(ask)
  return request.format === 'messages' ? messagesThrough(ask) : chatThrough(ask)
}

function messagesThrough({ request, bytes, upstreamModel, clamped, inputTokensEstimated }: WireAsk): Wire {
  const replacements = { model: upstreamModel, ...(clamped !== null && { max_tokens: clamped }) }
  return {
    endpoint: 'messages',
    body: spliceTopLevel(bytes, request.scan, replacements),
    createTap: () => createUsageTap({ inputTokensEstimated }),
    readPlain(answer) {
      const read = readPlainUsage(parse(answer))
      return (
        read && {
          bytes: answer,
          stopReason: read.stopReason,
          ...counted(read.usage, { format: 'messages', answer, inputTokensEstimated })
        }
      )
    },
    refusal: (_status, body) => body
  }
}

function chatThrough({ request, bytes, upstreamModel, clamped, inputTokensEstimated, provider }: WireAsk): Wire {
  const quirks: ChatQuirks = CHAT_QUIRKS[provider.preset]
  const asksUsage = request.stream && !request.usageAsked && quirks.streamUsage !== 'none'
  const options = isObject(request.body.stream_options) ? request.body.stream_options : {}
  const field = request.maxTokens === null ? quirks.maxTokensField : request.maxTokensField
  const replacements = {
    model: upstreamModel,
    ...(clamped !== null && { [field]: clamped }),
    ...(asksUsage && { stream_options: { ...options, include_usage: true } })
  }
  return {
    endpoint: 'chat',
    body: spliceTopLevel(bytes, request.scan, replacements),
    createTap: () => createChatTap({ stripUsage: !request.usageAsked, inputTokensEstimated }),
    readPlain: (answer) => readPlainChat(answer, inputTokensEstimated),
    refusal: (_status, body) => body
  }
}

function readPlainChat(bytes: Uint8Array, inputTokensEstimated: number): PlainRead | undefined {
  const json = parse(bytes)
  if (!isObject(json) || !Array.isArray(json.choices) || !isObject(json.choices[0])) return undefined
  const [{ finish_reason, message }] = json.choices as [JsonObject]
  const calls = isObject(message) && Array.isArray(message.tool_calls) && message.tool_calls.length > 0
  if (typeof finish_reason === 'string' && failureOfChat(finish_reason)) return undefined
  const stopReason = typeof finish_reason === 'string' ? stopReasonOfChat(finish_reason, calls) : null
  return { bytes, stopReason, ...counted(usageOfChat(json), { format: 'chat', answer: bytes, inputTokensEstimated }) }
}

function translated(ask: WireAsk): Wire {
  const { request, upstreamModel, tokens, provider, requestId: id, nowMs, inputTokensEstimated } = ask
  const neutral = READERS[request.format](request.body)
  const maxTokens = request.maxTokens === null && ask.clamped === null ? null : tokens
  const body =
    provider.format === 'messages'
      ? toMessages(neutral, { upstreamModel, maxTokens: tokens })
      : toChat(neutral, { upstreamModel, maxTokens, quirks: CHAT_QUIRKS[provider.preset] })
  const translation = { from: provider.format, to: request.format, request: neutral, id, nowMs, inputTokensEstimated }
  return {
    endpoint: provider.format === 'messages' ? 'messages' : 'chat',
    body: Buffer.from(JSON.stringify(body)),
    createTap: () => createStreamTranslator(translation),
    readPlain(bytes) {
      const { json, usage, usageSeen, stopReason } = translateAnswer(translation, parse(bytes))
      return { bytes: Buffer.from(JSON.stringify(json)), stopReason, usage, estimated: !usageSeen }
    },
    refusal: (status, said) => {
      const error = errorBody(refusalError(status, said), { requestId: id, openai: request.format !== 'messages' })
      return Buffer.from(JSON.stringify(error))
    }
  }
}

const READERS: Readonly<Record<ClientFormat, (body: JsonObject) => NeutralRequest>> = {
  messages: readMessages,
  chat: readChat,
  responses: readResponses
}

/**
 * The provider's count. No request is without input: a count of none of it is no count, and both sides
 * are estimated, the answer by all of its text.
 */
function counted(
  usage: Usage | undefined,
  ask: { readonly format: WireFormat; readonly answer: Uint8Array; readonly inputTokensEstimated: number }
): Pick<PlainRead, 'usage' | 'estimated'> {
  if (usage && totalInput(usage) > 0) return { usage, estimated: false }
  const { format, answer, inputTokensEstimated } = ask
  const outputTokens =
    usage?.outputTokens || estimateTextTokens(Buffer.from(answer).toString('utf8'), tokenizerOf(format))
  return { usage: { ...NO_USAGE, inputTokens: inputTokensEstimated, outputTokens }, estimated: true }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}
