import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkApiKey, EXIT } from '@caicaini/protocol'
import { CliError } from './cli-error.js'
import { readIfThere } from './config.js'
import type { Env } from './io.js'
import { type Keychain, keychainFault, systemKeychain } from './keychain.js'
import { configDir } from './paths.js'
import { neutraliseLine } from './sanitize.js'

/** A key and where it came from. */
export interface FoundKey {
  readonly key: string
  readonly origin: 'environment' | KeyPlace
}

/** Where a stored key lies. */
export type KeyPlace = 'keychain' | 'file'

/** Where a key is going to lie, and what is to be said of it. */
export interface Probed {
  readonly place: KeyPlace
  /** Why the keychain there is was passed over. */
  readonly fault?: string
}

/** Keys by the server they were issued for: one is never sent to another. */
export interface KeyStore {
  readonly path: string
  /** CAICAINI_API_KEY is set. */
  readonly fromEnvironment: boolean
  /** A place as the user knows it. */
  title(place: KeyPlace): string
  /**
   * The key for `baseUrl`; undefined when there is none. Throws (exit 4) for one that is not well-formed or that the
   * keychain does not give.
   */
  find(baseUrl: string): FoundKey | undefined
  /** Where a key can be kept: in the keychain if it answers. Throws (exit 1) where it could be kept nowhere. */
  probe(): Probed
  /** Keeps `key` at `place`, or, where the keychain has ceased to answer, in the file; says where. */
  save(baseUrl: string, key: string, place: KeyPlace): KeyPlace
  /** False when there was none. Throws (exit 1) for one that is forgotten here and stays in the keychain. */
  remove(baseUrl: string): boolean
}

/** The file says of every server where its key lies; the keychain is asked for that one alone. */
type StoredKey = { readonly store: 'file'; readonly key: string } | { readonly store: 'keychain' }

interface KeyFile {
  readonly version: 1
  readonly servers: Readonly<Record<string, StoredKey>>
}

export function createKeyStore(
  env: Env,
  platform: NodeJS.Platform,
  keychain: Keychain | undefined = systemKeychain(env, platform)
): KeyStore {
  const path = join(configDir(env, platform), 'credentials.json')
  const fromEnv = env.CAICAINI_API_KEY?.trim()
  // Two directories of settings are two people's, or one's for two purposes.
  const item = (baseUrl: string) => `${baseUrl} ${createHash('sha256').update(path).digest('hex').slice(0, 8)}`
  const record = (baseUrl: string, stored: StoredKey) =>
    writeKeyFile(path, { version: 1, servers: { ...readKeyFile(path).servers, [baseUrl]: stored } })
  const inKeychain = (baseUrl: string, key: string) => {
    try {
      keychain?.write(item(baseUrl), key)
      return keychain !== undefined
    } catch {
      return false
    }
  }
  const cached = new Map<string, string>()
  return {
    path,
    fromEnvironment: Boolean(fromEnv),
    title: (place) => (place === 'file' ? path : (keychain?.title ?? "the system's keychain")),
    find(baseUrl) {
      if (fromEnv) return { key: requireKey(fromEnv, 'CAICAINI_API_KEY'), origin: 'environment' }
      const stored = readKeyFile(path).servers[baseUrl]
      if (stored === undefined) return undefined
      if (stored.store === 'file') return { key: requireKey(stored.key, path), origin: 'file' }
      const key = cached.get(baseUrl) ?? requireKey(fromKeychain(keychain, item(baseUrl), baseUrl), 'the keychain')
      cached.set(baseUrl, key)
      return { key, origin: 'keychain' }
    },
    probe() {
      probeFile(path)
      if (!keychain) return { place: 'file' }
      const fault = keychainFault(keychain)
      return fault === undefined ? { place: 'keychain' } : { place: 'file', fault }
    },
    save(baseUrl, key, place) {
      cached.delete(baseUrl)
      const before = readKeyFile(path).servers[baseUrl]?.store
      if (place === 'keychain' && inKeychain(baseUrl, key)) {
        record(baseUrl, { store: 'keychain' })
        return 'keychain'
      }
      record(baseUrl, { store: 'file', key })
      // What is left there was revoked by this sign-in, or is found by nobody.
      if (before === 'keychain') forget(keychain, item(baseUrl))
      return 'file'
    },
    remove(baseUrl) {
      cached.delete(baseUrl)
      const { [baseUrl]: removed, ...servers } = readKeyFile(path).servers
      if (!removed) return false
      writeKeyFile(path, { version: 1, servers })
      if (removed.store === 'keychain' && !forget(keychain, item(baseUrl))) {
        throw new CliError(
          EXIT.other,
          `signed out here, but the keychain did not answer: delete "${item(baseUrl)}" there, or revoke the key`
        )
      }
      return true
    }
  }
}

function fromKeychain(keychain: Keychain | undefined, item: string, baseUrl: string): string {
  const mend = 'or set CAICAINI_API_KEY, or sign in again with CAICAINI_KEYCHAIN=off'
  let key: string | undefined
  try {
    key = keychain?.read(item)
  } catch (error) {
    throw new CliError(
      EXIT.auth,
      `the key lies in the keychain, which does not give it (${neutraliseLine((error as Error).message)}): unlock it, ${mend}`
    )
  }
  if (!keychain) throw new CliError(EXIT.auth, `the key lies in a keychain that cannot be reached from here: ${mend}`)
  if (key === undefined) {
    throw new CliError(EXIT.auth, `the key for ${baseUrl} is no longer in the keychain: sign in again`)
  }
  return key
}

function forget(keychain: Keychain | undefined, item: string): boolean {
  try {
    keychain?.remove(item)
    return keychain !== undefined
  } catch {
    return false
  }
}

function probeFile(path: string): void {
  const { servers } = readKeyFile(path)
  try {
    writeKeyFile(path, { version: 1, servers })
  } catch (error) {
    throw new CliError(EXIT.other, `the key could not be kept: ${(error as Error).message}`)
  }
  if (Object.keys(servers).length === 0) rmSync(path, { force: true })
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
