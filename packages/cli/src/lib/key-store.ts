import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkApiKey, EXIT } from '@caicaini/protocol'
import { CliError } from './cli-error.js'
import { readIfThere } from './config.js'
import type { Env } from './io.js'
import { configDir } from './paths.js'

/** A key and where it came from. */
export interface FoundKey {
  readonly key: string
  readonly origin: 'environment' | 'file'
}

/** Keys by the server they were issued for: one is never sent to another. */
export interface KeyStore {
  readonly path: string
  /** CAICAINI_API_KEY is set. */
  readonly fromEnvironment: boolean
  /** The key for `baseUrl`; undefined when there is none. Throws (exit 4) for one that is not well-formed. */
  find(baseUrl: string): FoundKey | undefined
  save(baseUrl: string, key: string): void
  /** Throws (exit 1) where a key could not be kept. */
  probe(): void
  /** False when there was none. */
  remove(baseUrl: string): boolean
}

/** `store` says where the secret itself lies, so that a keychain can be added beside the file. */
interface StoredKey {
  readonly store: 'file'
  readonly key: string
}

interface KeyFile {
  readonly version: 1
  readonly servers: Readonly<Record<string, StoredKey>>
}

export function createKeyStore(env: Env, platform: NodeJS.Platform): KeyStore {
  const path = join(configDir(env, platform), 'credentials.json')
  const fromEnv = env.CAICAINI_API_KEY?.trim()
  return {
    path,
    fromEnvironment: Boolean(fromEnv),
    find(baseUrl) {
      if (fromEnv) return { key: requireKey(fromEnv, 'CAICAINI_API_KEY'), origin: 'environment' }
      const stored = readKeyFile(path).servers[baseUrl]
      return stored && { key: requireKey(stored.key, path), origin: 'file' }
    },
    save(baseUrl, key) {
      const { servers } = readKeyFile(path)
      writeKeyFile(path, { version: 1, servers: { ...servers, [baseUrl]: { store: 'file', key } } })
    },
    probe() {
      const { servers } = readKeyFile(path)
      try {
        writeKeyFile(path, { version: 1, servers })
      } catch (error) {
        throw new CliError(EXIT.other, `the key could not be kept: ${(error as Error).message}`)
      }
      if (Object.keys(servers).length === 0) rmSync(path, { force: true })
    },
    remove(baseUrl) {
      const { [baseUrl]: removed, ...servers } = readKeyFile(path).servers
      if (removed) writeKeyFile(path, { version: 1, servers })
      return removed !== undefined
    }
  }
}

/** `text` when it is a well-formed key; else an error (exit 4) that says what is wrong and never shows it. */
export function requireKey(text: string, where: string): string {
  const verdict = checkApiKey(text)
  if (verdict === 'ok') return text
  const what =
    verdict === 'malformed'
      ? 'is not a Caicaini key (they begin with cai_api_)'
      : 'holds a mistyped key: its checksum does not fit; copy it again'
  throw new CliError(EXIT.auth, `${where} ${what}`)
}

function readKeyFile(path: string): KeyFile {
  const text = readIfThere(path)
  if (text === undefined) return { version: 1, servers: {} }
  try {
    const value = JSON.parse(text)
    if (value.version === 1 && typeof value.servers === 'object' && value.servers !== null) return value
  } catch {
    // Said below.
  }
  throw new CliError(EXIT.other, `${path} cannot be read: delete it and sign in again`)
}

/** Whole or not at all, and never readable by others, not even for a moment. */
function writeKeyFile(path: string, file: KeyFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.${process.pid}.new`
  rmSync(fresh, { force: true })
  writeFileSync(fresh, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(fresh, path)
}
