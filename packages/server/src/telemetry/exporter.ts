import {
  type Attributes,
  type Context,
  type Counter,
  type Histogram,
  metrics,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace
} from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { Config } from '../config.js'
import type { EndedCall, Try } from '../metrics/observer.js'

const NAME = 'caicaini'
/** Seconds and tokens, as the conventions for generative AI advise. */
const DURATION_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const TOKEN_BOUNDS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304]

export interface Exporter {
  ended(call: EndedCall): void
  stop(): Promise<void>
}

/** Starts OpenTelemetry's SDK for Node, which reads all of its variables itself. */
export function startExporter({ OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES = '' }: Config['env']): Exporter {
  const isNamed = OTEL_SERVICE_NAME || OTEL_RESOURCE_ATTRIBUTES.includes('service.name=')
  const sdk = new NodeSDK(isNamed ? {} : { serviceName: NAME })
  sdk.start()
  const tracer = trace.getTracer(NAME)
  const instruments = createInstruments()
  return {
    ended(call) {
      recordSpans(tracer, call)
      recordMetrics(instruments, call)
    },
    stop: () => sdk.shutdown()
  }
}

/** A span for the request, and in it one for each time that a provider was asked. */
function recordSpans(tracer: Tracer, call: EndedCall): void {
  const { path, trace: carried } = call.origin
  const parent = propagation.extract(ROOT_CONTEXT, carried)
  const attributes: Attributes = {
    'http.request.method': 'POST',
    'http.route': path,
    'caicaini.request_id': call.requestId,
    'caicaini.status': call.status,
    'caicaini.credits': call.credits,
    ...asked(call, call),
    ...used(call)
  }
  const options = { kind: SpanKind.SERVER, startTime: new Date(call.startedAtMs), attributes }
  const span = tracer.startSpan(`POST ${path}`, options, parent)
  if (call.status === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
  const inside = trace.setSpan(parent, span)
  call.tries.forEach((one, i) => void recordTry(tracer, inside, { call, one, isLast: i === call.tries.length - 1 }))
  span.end(new Date(call.endedAtMs))
}

function recordTry(
  tracer: Tracer,
  inside: Context,
  { call, one, isLast }: { call: EndedCall; one: Try; isLast: boolean }
): void {
  const attributes = {
    ...asked(call, one),
    ...(isLast && used(call)),
    ...(one.code !== null && { 'error.type': one.code })
  }
  const options = { kind: SpanKind.CLIENT, startTime: new Date(one.startedAtMs), attributes }
  const span = tracer.startSpan(`${operationOf(call)} ${one.model}`, options, inside)
  if (one.code !== null) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(new Date(one.endedAtMs ?? call.endedAtMs))
}

type Instruments = ReturnType<typeof createInstruments>

/** Named as OpenTelemetry's conventions for generative AI have it (semantic conventions, gen-ai metrics). */
function createInstruments(): {
  duration: Histogram
  firstToken: Histogram
  tokens: Histogram
  credits: Counter
} {
  const meter = metrics.getMeter(NAME)
  const bounds = (explicitBucketBoundaries: number[]) => ({ advice: { explicitBucketBoundaries } })
  return {
    duration: meter.createHistogram('gen_ai.client.operation.duration', { unit: 's', ...bounds(DURATION_BOUNDS) }),
    firstToken: meter.createHistogram('gen_ai.server.time_to_first_token', { unit: 's', ...bounds(DURATION_BOUNDS) }),
    tokens: meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}', ...bounds(TOKEN_BOUNDS) }),
    credits: meter.createCounter('caicaini.credits', { unit: '{credit}' })
  }
}

function recordMetrics({ duration, firstToken, tokens, credits }: Instruments, call: EndedCall): void {
  const way = asked(call, call)
  const ended = { ...way, 'caicaini.status': call.status }
  duration.record(call.latencyMs / 1000, ended)
  if (call.firstTokenMs !== null) firstToken.record(call.firstTokenMs / 1000, way)
  for (const [kind, count] of Object.entries(call.tokens)) {
    if (count > 0) tokens.record(count, { ...way, 'gen_ai.token.type': kind })
  }
  credits.add(call.credits, way)
}

function asked(call: EndedCall, { provider, model }: Pick<Try, 'provider' | 'model'>): Attributes {
  return { 'gen_ai.operation.name': operationOf(call), 'gen_ai.provider.name': provider, 'gen_ai.request.model': model }
}

const OPERATIONS: Readonly<Record<string, string>> = {
  '/v1/embeddings': 'embeddings',
  '/v1/images/generations': 'images',
  '/v1/audio/speech': 'speech',
  '/v1/audio/transcriptions': 'transcriptions'
}

function operationOf({ origin }: EndedCall): string {
  return OPERATIONS[origin.path] ?? 'chat'
}

function used({ tokens }: EndedCall): Attributes {
  return {
    'gen_ai.usage.input_tokens': tokens.input + tokens.cache_read + tokens.cache_write,
    'gen_ai.usage.output_tokens': tokens.output
  }
}
