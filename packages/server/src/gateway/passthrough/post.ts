import { RECEIPT_HEADER } from '@caicaini/protocol'
import type { Context, MiddlewareHandler } from 'hono'
import { BODY_BYTES_MAX, readBody } from '../../http/body.js'
import type { Admission } from '../admission.js'
import { begin } from '../answer.js'
import { type Call, createCall } from '../call.js'
import {
  type GatewayEnv,
  headerJson,
  type MessagesDeps,
  originOf,
  refused,
  refuseWhenStopping,
  tellLimits
} from '../messages.js'
import { plainAnswer } from '../plain-answer.js'
import type { ThroughKind } from './kind.js'
import { firstSound, speechAnswer } from './speech-answer.js'

export interface ThroughDeps extends Omit<MessagesDeps, 'admission'> {
  readonly admission: Pick<Admission, 'admitThrough'>
}

/** A request that is passed through as it is: admitted, sent to its provider, metered by its parts. */
export function postThrough(kind: ThroughKind, deps: ThroughDeps): MiddlewareHandler<GatewayEnv> {
  const { admission, inFlight, clock } = deps
  return async (c) => {
    refuseWhenStopping(inFlight)
    const request = c.req.raw
    const bytes = await readBody(request, BODY_BYTES_MAX)
    // A body may be minutes on its way.
    refuseWhenStopping(inFlight)
    const plan = await admission.admitThrough({
      kind,
      requestId: c.var.requestId,
      startedAtMs: c.var.startedAtMs,
      principal: c.var.principal,
      headers: request.headers,
      bytes,
      noteLimits(tier, snapshot) {
        tellLimits(c, { tier, snapshot, nowMs: clock.nowMs() })
      }
    })
    const call = createCall(plan, { ...deps, origin: originOf(c) })
    try {
      inFlight.add(call)
      c.header('x-caicaini-route', call.target().routeReason)
      return await (kind === 'speech' ? answerSpeech(c, call, deps) : answerPlain(c, call, deps))
    } catch (error) {
      // Whatever went wrong, also a bug of ours: its slot and its hold come back. What has ended stays as it is.
      call.cancel('provider')
      await call.release().catch(() => undefined)
      throw error
    }
  }
}

async function answerPlain(c: Context<GatewayEnv>, call: Call, deps: ThroughDeps): Promise<Response> {
  const begun = await begin(call, deps)
  if (begun.type === 'refused') return refused(c, begun)
  const { bytes, receipt } = await plainAnswer(call, begun.events)
  return c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
    'content-type': 'application/json',
    [RECEIPT_HEADER]: headerJson(receipt)
  })
}

/** Sound is passed on as it comes; its receipt is at GET /api/receipts/{request-id}, for bytes of sound carry none. */
async function answerSpeech(c: Context<GatewayEnv>, call: Call, deps: ThroughDeps): Promise<Response> {
  const { signal } = c.req.raw
  // Before the first byte there is no stream yet whose cancelling would tell that the client left.
  signal.addEventListener('abort', () => call.cancel('client'), { once: true })
  if (signal.aborted) call.cancel('client')
  const begun = await begin(call, deps)
  if (begun.type === 'refused') return refused(c, begun)
  const { events, contentType } = begun
  const first = await firstSound(call, events)
  return c.body(speechAnswer(call, { first, events, cut: c.env.cut }), 200, { 'content-type': soundType(contentType) })
}

/** What a provider calls its bytes, as long as that is nothing that a browser would run. */
function soundType(contentType: string): string {
  return /^audio\/[\w.+-]+(?:; ?[\w-]+=[\w.-]+)*$/i.test(contentType) ? contentType : 'application/octet-stream'
}
