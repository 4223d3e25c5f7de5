import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Key } from '@caicaini/protocol/api'
import type { Context } from '../context.js'
import type { ApiClient } from './api-client.js'
import { readIfThere } from './config.js'
import { configDir } from './paths.js'
import { neutraliseLine } from './sanitize.js'

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** A key's text of this age should be changed for another. */
export const OLD_KEY_DAYS = 90

/** Whole days since the key has had its text. */
export function keyAgeDays({ rotated_at, created_at }: Pick<Key, 'rotated_at' | 'created_at'>, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - Date.parse(rotated_at ?? created_at)) / DAY_MS))
}

/**
 * Once a week and key: that the key in use is old, where it is. Undefined where there is nothing to say.
 * Nothing of it may keep anybody from their answer, so what fails is tried again another time.
 */
export async function oldKeyReminder(context: Context, api: Pick<ApiClient, 'self'>): Promise<string | undefined> {
  try {
    const target = context.target()
    if (target.kind === 'local') return undefined
    const found = context.keys().find(target.baseUrl)
    const nowMs = context.clock.nowMs()
    const looks = found && readLooks(context)
    const name = found && createHash('sha256').update(found.key).digest('hex').slice(0, 16)
    if (!looks || !name || nowMs - (looks[name] ?? 0) < WEEK_MS) return undefined
    const { key } = await api.self()
    writeLooks(context, { ...looks, [name]: nowMs })
    const days = keyAgeDays(key, nowMs)
    if (days <= OLD_KEY_DAYS) return undefined
    return neutraliseLine(`The key "${key.name}" is ${days} days old: rotate it at ${target.baseUrl}/account/keys`)
  } catch {
    return undefined
  }
}

/** When the age of a key was last looked at, by a part of its hash. */
type Looks = Readonly<Record<string, number>>

function pathOf({ env, platform }: Context): string {
  return join(configDir(env, platform), 'key-age.json')
}

function readLooks(context: Context): Looks {
  const text = readIfThere(pathOf(context))
  const value: unknown = text === undefined ? {} : JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function writeLooks(context: Context, looks: Looks): void {
  mkdirSync(configDir(context.env, context.platform), { recursive: true, mode: 0o700 })
  writeFileSync(pathOf(context), `${JSON.stringify(looks)}\n`)
}
