import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '@caicaini/protocol'
import { CliError, usageError } from './cli-error.js'
import type { Env } from './io.js'
import { configDir } from './paths.js'

export const DEFAULT_BASE_URL = 'https://caicaini.com'
export const DEFAULT_MODEL = 'auto'

/** The settings there are. A new one is a line here. */
export const SETTINGS = {
  'base-url': { about: 'The server to talk to', fallback: DEFAULT_BASE_URL, env: 'CAICAINI_BASE_URL' },
  model: { about: 'The model when -m does not say', fallback: DEFAULT_MODEL, env: undefined },
  theme: { about: "The chat's colours: auto, dark, light or none", fallback: 'auto', env: undefined },
  labels: {
    about: 'Whether calls say which repository and branch they are for, for `usage --by repo`: on or off',
    fallback: 'on',
    env: undefined
  },
  'ask-above-credits': {
    about: 'The chat asks before a message that may cost more: credits, or auto for 1 % of the balance (5 to 50)',
    fallback: 'auto',
    env: undefined
  }
} as const

export type SettingName = keyof typeof SETTINGS
export type SettingOrigin = 'environment' | 'config' | 'installer' | 'built-in'

export interface Setting {
  readonly name: SettingName
  readonly value: string
  readonly origin: SettingOrigin
}

export interface Config {
  readonly path: string
  get(name: SettingName): Setting
  set(name: SettingName, value: string): Promise<void>
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name)
}

/**
 * Reads the file by itself: `conf`, which writes it, takes three times as long to load as node. `installedFrom` knows
 * the server whose installer brought the program.
 */
export function createConfig(
  env: Env,
  platform: NodeJS.Platform,
  installedFrom: () => string | undefined = () => undefined
): Config {
  const dir = configDir(env, platform)
  const path = join(dir, 'config.json')
  const stored = readSettings(path)
  return {
    path,
    get(name) {
      const { env: variable, fallback } = SETTINGS[name]
      const fromEnv = variable && env[variable]
      if (fromEnv) return { name, value: checkSetting(name, fromEnv, variable), origin: 'environment' }
      const value = stored[name]
      if (typeof value === 'string') return { name, value: checkSetting(name, value, path), origin: 'config' }
      const installer = name === 'base-url' ? installedFrom() : undefined
      if (installer) return { name, value: checkSetting(name, installer, 'the receipt'), origin: 'installer' }
      return { name, value: fallback, origin: 'built-in' }
    },
    async set(name, value) {
      const checked = checkSetting(name, value, name)
      const { default: Conf } = await import('conf')
      new Conf({ cwd: dir, configName: 'config', accessPropertiesByDotNotation: false }).set(name, checked)
      stored[name] = checked
    }
  }
}

function readSettings(path: string): Record<string, unknown> {
  const text = readIfThere(path)
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Said below.
  }
  throw new CliError(EXIT.other, `${path} is not a JSON object: mend or delete it`)
}

/** A file's text; undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CliError(EXIT.other, `cannot read ${path}: ${(error as Error).message}`)
  }
}

/** The value as it is used; `where` names its place in the message that refuses it. */
function checkSetting(name: SettingName, value: string, where: string): string {
  if (name === 'base-url') return parseBaseUrl(value, where)
  if (name === 'theme' && !['auto', 'dark', 'light', 'none'].includes(value)) {
    throw usageError(`${where}: theme must be auto, dark, light or none, got "${value}"`)
  }
  if (name === 'ask-above-credits' && value !== 'auto' && !/^\d{1,9}(\.\d{1,6})?$/.test(value)) {
    throw usageError(`${where}: ask-above-credits must be a number of credits or auto, got "${value}"`)
  }
  if (name === 'labels' && value !== 'on' && value !== 'off') {
    throw usageError(`${where}: labels must be on or off, got "${value}"`)
  }
  if (!value.trim()) throw usageError(`${where}: must not be empty`)
  return value.trim()
}

/** An http(s) address without its closing slash; a usage error that names `where` when it is none. */
export function parseBaseUrl(text: string, where: string): string {
  const url = URL.parse(text.trim())
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError(`${where}: must be an http or https address such as ${DEFAULT_BASE_URL}, got "${text}"`)
  }
  if (url.username || url.password || url.search || url.hash) {
    throw usageError(`${where}: must be an address alone, without user, query or fragment`)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
