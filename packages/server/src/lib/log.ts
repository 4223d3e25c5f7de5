/** Structured log lines. Fields never hold a key, a token or a message's content. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

const nothing = () => undefined

export const silentLog: Log = { info: nothing, warn: nothing, error: nothing }

/** Headers and fields that may carry a secret; pino writes `[redacted]` in their place wherever a caller slips. */
const SECRET_PATHS = [
  'authorization',
  '*.authorization',
  'key',
  '*.key',
  'apiKey',
  '*.apiKey',
  '["x-api-key"]',
  '*["x-api-key"]'
]

/** JSON lines on stderr. Loaded only where something logs: pino costs more than the rest of a short start. */
export async function createStderrLog(level: string): Promise<Log> {
  const { pino, destination } = await import('pino')
  const options = { level, base: null, redact: { paths: SECRET_PATHS, censor: '[redacted]' } }
  const logger = pino(options, destination({ fd: 2, sync: false }))
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message)
  }
}
