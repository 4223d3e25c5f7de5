import type { BlockList } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { type CaptchaKeys, readCaptchaKeys } from './captcha/config.js'
import { parseTrustedProxies } from './http/client-address.js'
import { ConfigError } from './lib/config-error.js'
import { type MailConfig, mailFolder, readMailConfig } from './mail/config.js'
import { readSiteConfig, type SiteConfig } from './site/site.js'

/** What a server is started with; paths are absolute or relative to the working directory. */
export interface ServerOptions {
  readonly dataDir: string
  readonly catalogPath?: string
  /** Without a catalog named here or in the environment: the one that the data was last served with. */
  readonly followsData?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Log lines on stderr, or none: a command that embeds the server owns the terminal. */
  readonly log: 'silent' | 'stderr'
}

/** The validated configuration that the composition root builds a server from. */
export interface Config {
  readonly databasePath: string
  readonly catalogPath: string | undefined
  readonly followsData: boolean
  /** Upstream keys and addresses are looked up here, by the names that the catalog gives. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: 'silent' | 'stderr'
  readonly logLevel: string
  /** How long a stopping server lets streams finish. */
  readonly stopLimitMs: number
  /** Whose `x-forwarded-for` says where a request comes from. */
  readonly trustedProxies: BlockList
  /** Who brings it may read the metrics; without one, programs on this machine may. */
  readonly metricsToken: string | undefined
  readonly site: SiteConfig
  readonly mail: MailConfig
  readonly captcha: CaptchaKeys
  /** Whether new passwords are looked up, by five characters of their hash, in the list of leaked ones. */
  readonly asksPwned: boolean
  /** Keys of what is stored sealed; without them they are in a file beside the data. */
  readonly dataKeys: string | undefined
  /** Null for data in memory. */
  readonly dataKeyPath: string | null
  /** The folder with the installers and what they download; undefined for data in memory that names none. */
  readonly releasesDir: string | undefined
}

const Env = z.object({
  CAICAINI_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'must be debug, info, warn, error or silent' })
    .default('info'),
  CAICAINI_STOP_LIMIT_S: z.coerce
    .number({ error: 'must be a number of seconds' })
    .int('must be whole seconds')
    .min(0, 'must not be negative')
    .max(3600, 'must be at most 3600')
    .default(30),
  CAICAINI_PWNED_PASSWORDS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  CAICAINI_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 characters without spaces')
    .optional()
})

/** Checks what a server is started with; throws `ConfigError`. */
export function readConfig({ dataDir, catalogPath, followsData = false, env, log }: ServerOptions): Config {
  const parsed = Env.safeParse(withoutEmpty(env))
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  }
  return {
    databasePath: dataDir === ':memory:' ? dataDir : join(dataDir, 'caicaini.sqlite'),
    catalogPath: catalogPath ?? (env.CAICAINI_CATALOG || undefined),
    followsData,
    env,
    log,
    logLevel: parsed.data.CAICAINI_LOG_LEVEL,
    stopLimitMs: parsed.data.CAICAINI_STOP_LIMIT_S * 1000,
    metricsToken: parsed.data.CAICAINI_METRICS_TOKEN,
    trustedProxies: readProxies(env.CAICAINI_TRUSTED_PROXIES || undefined),
    site: readSiteConfig(env),
    mail: readMailConfig(env, { folder: mailFolder(dataDir) }),
    captcha: readCaptchaKeys(env),
    asksPwned: parsed.data.CAICAINI_PWNED_PASSWORDS === 'on',
    dataKeys: env.CAICAINI_DATA_KEY || undefined,
    dataKeyPath: dataDir === ':memory:' ? null : join(dataDir, 'data.key'),
    releasesDir: env.CAICAINI_RELEASES || (dataDir === ':memory:' ? undefined : join(dataDir, 'releases'))
  }
}

function readProxies(text: string | undefined): BlockList {
  try {
    return parseTrustedProxies(text)
  } catch (error) {
    throw new ConfigError(`CAICAINI_TRUSTED_PROXIES: ${error instanceof Error ? error.message : error}`)
  }
}

/** A variable that is set to nothing counts as not set. */
function withoutEmpty(env: Config['env']): Config['env'] {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
}
