import { AppError, CHAT_SAVED_HEADER, RECEIPT_HEADER, type Receipt } from '@caicaini/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import { BODY_BYTES_MAX, readBody } from '../http/body.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Ledger } from '../ledger/service.js'
import type { Log } from '../lib/log.js'
import { type LimitStatus, rateLimitHeaders } from '../limits/headers.js'
import type { CallObserver, Origin } from '../metrics/observer.js'
import type { Admission } from './admission.js'
import { begin, type ReceiptStyle } from './answer.js'
import type { AttemptDeps } from './attempts.js'
import { type Call, createCall } from './call.js'
import type { InFlight } from './in-flight.js'
import { inGoodTime, lateAnswer } from './late-answer.js'
import { plainAnswer } from './plain-answer.js'
import type { ClientFormat } from './request/client-request.js'
import { streamAnswer } from './stream-answer.js'

export interface MessagesDeps extends AttemptDeps {
  readonly admission: Pick<Admission, 'admit'>
  readonly inFlight: InFlight
  readonly ledger: Ledger
  readonly log: Log
  readonly observer?: CallObserver
}

/** What reaches a handler under /v1. */
export interface GatewayEnv {
  Bindings: KnownEnv['Bindings']
  Variables: KnownEnv['Variables'] & { limitsTold?: true }
}

/** Puts the state of the key's limits into the answer's headers. */
export function tellLimits(c: Context<GatewayEnv>, status: LimitStatus): void {
  for (const [name, value] of rateLimitHeaders(status)) c.header(name, value)
  c.set('limitsTold', true)
}

/** A request for an answer: admitted, sent to its provider, answered in its own format with a receipt. */
export function postAnswer(format: ClientFormat, deps: MessagesDeps): MiddlewareHandler<GatewayEnv> {
  const { admission, inFlight, ledger, clock, log, observer } = deps
  return async (c) => {
    refuseWhenStopping(inFlight)
    const request = c.req.raw
    const bytes = await readBody(request, BODY_BYTES_MAX)
    // A body may be minutes on its way.
    refuseWhenStopping(inFlight)
    const plan = await admission.admit({
      requestId: c.var.requestId,
      startedAtMs: c.var.startedAtMs,
      principal: c.var.principal,
      headers: request.headers,
      format,
      bytes,
      noteLimits(tier, snapshot) {
        tellLimits(c, { tier, snapshot, nowMs: clock.nowMs() })
      }
    })
    const call = createCall(plan, { ledger, clock, log, observer, origin: originOf(c) })
    try {
      inFlight.add(call)
      c.header('x-caicaini-route', call.target().routeReason)
      if (plan.clamped !== null) c.header('caicaini-clamped', String(plan.clamped))
      return await (plan.stream ? answerStream(c, call, deps) : answerPlain(c, call, deps))
    } catch (error) {
      // Whatever went wrong, also a bug of ours: its slot and its hold come back. What has ended stays as it is.
      call.cancel('provider')
      await call.release().catch(() => undefined)
      throw error
    }
  }
}

/** Where a request comes in, as far as those who watch calls are told. */
export function originOf(c: Context<GatewayEnv>): Origin {
  const traceparent = c.req.header('traceparent')
  const tracestate = c.req.header('tracestate')
  return { path: c.req.path, trace: { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) } }
}

/** A server that stops begins nothing new. */
export function refuseWhenStopping(inFlight: InFlight): void {
  if (inFlight.stopping()) throw new AppError('stopping', 'The server is stopping: try again in a moment')
}

async function answerStream(c: Context<GatewayEnv>, call: Call, deps: AttemptDeps): Promise<Response> {
  const { signal } = c.req.raw
  // Before the first byte there is no stream yet whose cancelling would tell that the client left.
  signal.addEventListener('abort', () => call.cancel('client'), { once: true })
  if (signal.aborted) call.cancel('client')
  const beginning = begin(call, deps)
  const begun = await inGoodTime(call, beginning)
  tellWay(c, call)
  if (begun?.type === 'refused') return refused(c, begun)
  const style = receiptStyle(c)
  const body = begun ? streamAnswer(call, begun.events, style) : lateAnswer(call, beginning, style)
  return c.body(body, 200, { 'content-type': 'text/event-stream; charset=utf-8' })
}

async function answerPlain(c: Context<GatewayEnv>, call: Call, deps: AttemptDeps): Promise<Response> {
  const begun = await begin(call, deps)
  tellWay(c, call)
  if (begun.type === 'refused') return refused(c, begun)
  const { bytes, receipt } = await plainAnswer(call, begun.events)
  return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
    'content-type': 'application/json',
    [RECEIPT_HEADER]: headerJson(receipt)
  })
}

/** Which way the answer took, and whether its chat keeps it. */
function tellWay(c: Context<GatewayEnv>, call: Call): void {
  c.header('x-caicaini-route', call.target().routeReason)
  if (call.plan.turn) c.header(CHAT_SAVED_HEADER, call.plan.turn.told())
}

/** The provider found the request itself at fault: its own words, and a receipt of nothing. */
export function refused(
  c: Context<GatewayEnv>,
  { status, body, receipt }: { status: number; body: Uint8Array; receipt: Receipt }
): Response {
  return c.body(body as Uint8Array<ArrayBuffer>, status as 400, {
    'content-type': 'application/json',
    [RECEIPT_HEADER]: headerJson(receipt)
  })
}

function receiptStyle(c: Context<GatewayEnv>): ReceiptStyle {
  return c.req.header('x-caicaini-receipt') === 'event' ? 'event' : 'comment'
}

/** JSON that fits a header: nothing but ASCII. */
export function headerJson(receipt: Receipt): string {
  return JSON.stringify(receipt).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
