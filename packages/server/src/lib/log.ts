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
  let stream = open()

  /** A line that cannot be written must not end the server, nor (by trying for ever) keep it from ending: it is dropped. */
  function open() {
    const opened = destination({ fd: 2, sync: false })
    opened.on('error', () => {
      Object.assign(opened, { write: nothing, end: nothing, flush: nothing, flushSync: nothing, destroy: nothing })
      stream = open()
    })
    return opened
  }

  const options = { level, base: null, redact: { paths: SECRET_PATHS, censor: '[redacted]' } }
  const logger = pino(options, { write: (line: string) => void stream.write(line) })
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message)
  }
}
