import { randomUUID } from 'node:crypto'
import { EXIT, parseReceiptJson, RECEIPT_COMMENT, type Receipt } from '@caicaini/protocol'
import { foreign } from './api-call.js'
import type { ApiClient } from './api-client.js'
import { errorFromEvent, parseJson } from './api-errors.js'
import { CliError } from './cli-error.js'
import type { Clock } from './clock.js'
import { type RetryOptions, withRetries } from './retry.js'
import { readSse, type SseItem } from './sse.js'
import { ConnectionLost, type WireResponse } from './transport.js'
import { createWatchdog, type Watchdog } from './watchdog.js'

/** Both a little longer than the server's own limits, so that its explanation arrives before ours. */
const LIMIT_MS = 65_000
const LIMIT_REASONING_MS = 185_000
/** Models that may think for minutes before the first byte; `auto` may choose one of them. */
const REASONING = /kimi|reasoner|opus|auto/
/** Asked for when nobody says; the server lowers it to what the balance affords. */
export const DEFAULT_MAX_TOKENS = 8192

/** A part of a message, as Anthropic's Messages API has it. */
export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image' | 'document'
      readonly source: { readonly type: 'base64'; readonly media_type: string; readonly data: string }
      readonly title?: string
    }

export type Content = string | readonly ContentBlock[]

export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: Content
}

export interface Question {
  readonly model: string
  readonly maxTokens: number
  readonly system?: string | undefined
  readonly messages: readonly Turn[]
  readonly effort?: string | undefined
  /** Beside what every call brings. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export type AnswerEvent =
  | { readonly type: 'text'; readonly text: string }
  /** Last, after `message_stop`. */
  | { readonly type: 'end'; readonly stopReason: string | null; readonly receipt: Receipt | undefined }

/** An answer whose first headers came. */
export interface Answer {
  readonly requestId: string | undefined
  /** What the server lowered max_tokens to. */
  readonly clamped: number | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Throws a CliError when the answer fails or is cut short, and the signal's reason when it is aborted. */
  readonly events: AsyncGenerator<AnswerEvent>
}

export interface AskDeps extends Pick<RetryOptions, 'random' | 'onWait' | 'decide'> {
  readonly api: Pick<ApiClient, 'server' | 'messages'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Sends `question`, again where that may help, and resolves once the answer begins. */
export function ask(question: Question, { api, clock, random, signal, onWait, decide }: AskDeps): Promise<Answer> {
  const limitMs = REASONING.test(question.model) ? LIMIT_REASONING_MS : LIMIT_MS
  const idempotencyKey = randomUUID()
  const attempt = async (): Promise<Answer> => {
    const expired = () => new CliError(EXIT.network, `${api.server}: nothing came for ${limitMs / 1000} s; gave up`)
    const watchdog = createWatchdog(clock, { limitMs, signal, expired })
    try {
      const response = await api.messages(toBody(question), {
        signal: watchdog.signal,
        idempotencyKey,
        headers: { ...(question.effort ? EFFORT_HEADERS : {}), ...question.headers }
      })
      if (!response.headers['content-type']?.startsWith('text/event-stream')) throw foreign(api.server)
      const clamped = Number(response.headers['caicaini-clamped'])
      return {
        requestId: response.headers['request-id'],
        clamped: clamped > 0 ? clamped : undefined,
        headers: response.headers,
        events: readAnswer(response, watchdog)
      }
    } catch (error) {
      watchdog.abort(error)
      throw error instanceof ConnectionLost ? new CliError(EXIT.network, error.message, { retryable: true }) : error
    }
  }
  return withRetries(attempt, { clock, random, signal, onWait, decide })
}

/** Anthropic: `effort` was a beta, and models of that time take it with this header alone (docs, effort). */
const EFFORT_HEADERS = { 'anthropic-beta': 'effort-2025-11-24' }

/** The question in Anthropic's words. */
export function toBody({ model, maxTokens, system, messages, effort }: Question) {
  return {
    model,
    max_tokens: maxTokens,
    ...(system ? { system } : {}),
    ...(effort ? { output_config: { effort } } : {}),
    stream: true,
    messages
  }
}

async function* readAnswer(response: WireResponse, watchdog: Watchdog): AsyncGenerator<AnswerEvent> {
  let receipt: Receipt | undefined
  let stopReason: string | null = null
  try {
    for await (const item of readSse(touching(response.body, watchdog))) {
      if (item.type === 'comment') {
        if (item.text.startsWith(RECEIPT_COMMENT)) receipt = parseReceiptJson(item.text.slice(RECEIPT_COMMENT.length))
        continue
      }
      const step = readEvent(item)
      if (step.text) yield { type: 'text', text: step.text }
      if (step.stopReason) stopReason = step.stopReason
      if (step.done) return yield { type: 'end', stopReason, receipt }
    }
    throw new CliError(EXIT.cutShort, 'the answer was cut short: the stream ended before its end')
  } catch (error) {
    throw error instanceof ConnectionLost
      ? new CliError(EXIT.cutShort, 'the answer was cut short: the connection was lost', { cause: error })
      : error
  } finally {
    watchdog.stop()
  }
}

/** A reader that takes its time, such as a pager, is not the server's silence. */
async function* touching(body: AsyncIterable<Uint8Array>, watchdog: Watchdog): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    watchdog.pause()
    yield chunk
    watchdog.touch()
  }
}

interface Step {
  readonly text?: string | undefined
  readonly stopReason?: string | null | undefined
  readonly done?: boolean
}

interface WireEvent {
  readonly type?: string
  readonly delta?: { readonly type?: string; readonly text?: string; readonly stop_reason?: string | null }
  readonly content_block?: { readonly type?: string; readonly text?: string }
}

/** What one event of Anthropic's stream means to us; unknown ones mean nothing (their docs: new types may come). */
function readEvent({ event, data }: Extract<SseItem, { type: 'event' }>): Step {
  const value = parseJson(data)
  if (typeof value !== 'object' || value === null) return {}
  const { type = event, delta, content_block } = value as WireEvent
  if (type === 'content_block_delta' && delta?.type === 'text_delta') return { text: delta.text }
  if (type === 'content_block_start' && content_block?.type === 'text') return { text: content_block.text }
  if (type === 'message_delta') return { stopReason: delta?.stop_reason }
  if (type === 'message_stop') return { done: true }
  if (type === 'error') throw errorFromEvent(value)
  return {}
}
