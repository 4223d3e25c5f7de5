import type { Config } from '../config.js'
import type { Log } from '../lib/log.js'
import { type CallObserver, NOBODY } from '../metrics/observer.js'
import type { Exporter } from './exporter.js'

/** A collector that is gone must not keep a server from closing its database. */
const STOP_MS_MAX = 3_000

/** Any of these, set to other than `none`, asks for telemetry (OpenTelemetry, environment variable specification). */
const ASKS_FOR_IT = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER'
]

export type Telemetry = ReturnType<typeof createTelemetry>

/**
 * Spans and metrics of calls for OpenTelemetry, as its standard variables say; nothing without them. Its
 * libraries take a quarter of a second to load, so only a server that listens does, once it is asked for.
 */
export function createTelemetry({ env, log }: { env: Config['env']; log: Log }) {
  let exporter: Exporter | undefined
  const observer: CallObserver = { ...NOBODY, ended: (call) => exporter?.ended(call) }
  return {
    observer,

    async start(): Promise<void> {
      if (exporter || !isAskedFor(env)) return
      const { startExporter } = await import('./exporter.js')
      exporter = startExporter(env)
    },

    async stop(): Promise<void> {
      if (!exporter) return
      const limit = new Promise<void>((resolve) => void setTimeout(resolve, STOP_MS_MAX).unref())
      await Promise.race([exporter.stop(), limit]).catch((error) =>
        log.warn({ error: String(error) }, 'could not send the last of the telemetry')
      )
    }
  }
}

function isAskedFor(env: Config['env']): boolean {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false
  return ASKS_FOR_IT.some((name) => !['', 'none'].includes(env[name]?.trim() ?? ''))
}
