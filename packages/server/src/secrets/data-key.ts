import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { ConfigError } from '../lib/config-error.js'
import type { Random } from '../lib/random.js'

/** 256 bits, by the name that what it sealed carries. */
export interface DataKey {
  readonly id: string
  readonly bytes: Uint8Array
}

const KEY_BYTES = 32

/**
 * The keys that stored secrets are sealed with, the one in use first. `text` is the environment's, one or
 * more `id:base64` separated by commas; without it they are in a file beside the data that its owner alone
 * may read, made where there is none. Throws `ConfigError`.
 */
export function loadDataKeys({
  text,
  path,
  random
}: {
  text: string | undefined
  /** Null for data in memory: its keys die with it. */
  path: string | null
  random: Random
}): readonly [DataKey, ...DataKey[]] {
  if (text !== undefined) return parse(text, 'CAICAINI_DATA_KEY')
  const fresh = () => `k1:${Buffer.from(random.bytes(KEY_BYTES)).toString('base64')}`
  if (path === null) return parse(fresh(), 'memory')
  return parse(readOrMake(path, fresh), path)
}

/** Two processes may start on one directory at once: the first to make the file wins, and both read it. */
function readOrMake(path: string, fresh: () => string): string {
  try {
    const file = openSync(path, 'wx', 0o600)
    try {
      writeSync(file, `${fresh()}\n`)
      // What it seals must not outlive it.
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
      throw new ConfigError(`${path}: cannot be made: ${error instanceof Error ? error.message : error}`)
  }
  return readFileSync(path, 'utf8').trim()
}

function parse(text: string, where: string): readonly [DataKey, ...DataKey[]] {
  const keys = text.split(',').map((entry): DataKey => {
    const [, id = '', base64 = ''] = /^([a-z0-9]{1,16}):([A-Za-z0-9+/]{43}=)$/.exec(entry.trim()) ?? []
    if (!id)
      throw new ConfigError(
        `${where}: must be one or more "id:base64" of 32 bytes, such as k1:$(openssl rand -base64 32)`
      )
    return { id, bytes: Buffer.from(base64, 'base64') }
  })
  const [first, ...others] = keys
  if (!first) throw new ConfigError(`${where}: holds no key`)
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) throw new ConfigError(`${where}: names a key twice`)
  return [first, ...others]
}
