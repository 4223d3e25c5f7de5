import { type Clock, sleep } from '../../lib/clock.js'
import { isObject, type JsonObject } from '../request/value.js'
import { type CallWatch, watchCall } from './call-watch.js'
import { judgeAnswer, timedOut } from './outcome.js'
import type { Provider, ProviderEvent, ProviderLimits, ProviderRequest } from './provider.js'
import { piecesBeforeTrouble, planSandboxAnswer, type SandboxAnswer } from './sandbox-answer.js'

/**
 * Answers with no key and no network, in Anthropic's format, for any model. Every answer says that it
 * is the sandbox; directives in the prompt make it misbehave (docs/catalog.md).
 */
export function createSandboxProvider({ name = 'sandbox', clock }: { name?: string; clock: Clock }): Provider {
  let answers = 0

  async function* send(request: ProviderRequest, limits: ProviderLimits): AsyncGenerator<ProviderEvent> {
    if (limits.signal.aborted) return
    const watch = watchCall(clock, limits)
    try {
      const answer = planSandboxAnswer(parse(request.body))
      const id = `msg_sandbox_${++answers}`
      if (answer.failStatus !== null) yield failWith(answer.failStatus, name)
      else if (request.stream) yield* stream({ answer, id, model: request.upstreamModel }, { clock, watch, limits })
      else yield* plain({ answer, id, model: request.upstreamModel }, { clock, watch, limits })
    } finally {
      watch.end()
    }
  }

  return {
    name,
    format: 'messages',
    has: (endpoint) => endpoint === 'messages',
    keys: () => [],
    send,
    close: async () => {}
  }
}

interface Script {
  readonly answer: SandboxAnswer
  readonly id: string
  readonly model: string
}

interface Stage {
  readonly clock: Clock
  readonly watch: CallWatch
  readonly limits: ProviderLimits
}

async function* stream({ answer, id, model }: Script, stage: Stage): AsyncGenerator<ProviderEvent> {
  const { watch } = stage
  watch.touch()
  watch.pause()
  yield head('text/event-stream; charset=utf-8', id)
  if (answer.ending === 'empty') return
  yield sse('message_start', { message: { ...messageOf({ answer, id, model }), content: [], stop_reason: null } })
  yield sse('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
  yield sse('ping', {})
  for (const text of answer.ending === 'whole' ? answer.pieces : piecesBeforeTrouble(answer)) {
    watch.touch()
    if (answer.delayMs > 0) await sleep(stage.clock, answer.delayMs, watch.signal)
    if (watch.stopped !== null) return yield* stopEvents(stage)
    watch.pause()
    yield sse('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
  }
  if (answer.ending === 'stall') return yield* stall(stage)
  if (answer.ending === 'cut' || watch.stopped !== null) return
  yield sse('content_block_stop', { index: 0 })
  const delta = { stop_reason: answer.stopReason, stop_sequence: null }
  yield sse('message_delta', { delta, usage: { output_tokens: answer.outputTokens } })
  yield sse('message_stop', {})
}

async function* plain({ answer, id, model }: Script, stage: Stage): AsyncGenerator<ProviderEvent> {
  const { clock, watch } = stage
  if (answer.ending === 'stall') return yield* stall(stage)
  if (answer.delayMs > 0) await sleep(clock, answer.delayMs * answer.pieces.length, watch.signal)
  if (watch.stopped !== null) return yield* stopEvents(stage)
  watch.touch()
  yield head('application/json', id)
  if (answer.ending === 'empty') return
  const json = Buffer.from(JSON.stringify(messageOf({ answer, id, model })))
  yield { type: 'bytes', bytes: answer.ending === 'cut' ? json.subarray(0, json.length >> 1) : json }
}

/** Sends nothing until a limit or the caller ends it. */
async function* stall(stage: Stage): AsyncGenerator<ProviderEvent> {
  const { signal } = stage.watch
  stage.watch.touch()
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }
  yield* stopEvents(stage)
}

function* stopEvents({ watch, limits }: Stage): Generator<ProviderEvent> {
  if (watch.stopped === 'first byte') yield timedOut('first byte', limits.firstByteTimeoutMs)
  if (watch.stopped === 'next byte') yield timedOut('next byte', limits.idleTimeoutMs)
}

function failWith(status: number, name: string): ProviderEvent {
  const error = { type: 'error', error: { type: 'api_error', message: `The sandbox was told to answer ${status}` } }
  const context = { provider: name, apiKey: null, apiKeyEnv: 'the prompt', baseUrlEnv: 'the prompt' }
  return judgeAnswer({ status, body: Buffer.from(JSON.stringify(error)) }, context)
}

function messageOf({ answer, id, model }: Script): JsonObject {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: answer.pieces.join('') }],
    stop_reason: answer.stopReason,
    stop_sequence: null,
    usage: {
      input_tokens: answer.inputTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: answer.outputTokens
    }
  }
}

function head(contentType: string, id: string): ProviderEvent {
  return { type: 'head', contentType, upstreamRequestId: `req_${id}` }
}

function sse(name: string, data: JsonObject): ProviderEvent {
  const text = `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`
  return { type: 'bytes', bytes: Buffer.from(text) }
}

function parse(body: Uint8Array): JsonObject {
  const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
  return isObject(value) ? value : {}
}
