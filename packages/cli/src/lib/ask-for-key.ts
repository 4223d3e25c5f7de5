import { createHash } from 'node:crypto'
import type { Context } from '../context.js'
import { deviceName } from './device-name.js'
import { signInDevice } from './device-sign-in.js'
import { requireKey } from './key-store.js'

export interface AskForKey {
  readonly baseUrl: string
  readonly browser: boolean
  /** Aborted where nobody waits any more. */
  readonly signal?: AbortSignal
}

/**
 * This machine's key for a server, by whoever approves it in a browser, here or elsewhere. The key that was stored
 * before gives way: `replaced` is its name, null where there was none. Ends as `signInDevice` does.
 */
export async function askForKey(
  context: Context,
  { baseUrl, ...how }: AskForKey
): Promise<{ key: string; replaced: string | null }> {
  const before = storedKey(context, baseUrl)
  const client = await context.connect({ kind: 'remote', baseUrl }, undefined)
  const ask = {
    purpose: 'sign-in',
    scope: 'cli',
    deviceName: deviceName(),
    ...(before !== undefined && { replaces: createHash('sha256').update(before).digest('hex') })
  } as const
  const { access_token, replaced } = await signInDevice(context, client, { ask, ...how })
  return { key: requireKey(access_token, baseUrl), replaced: replaced ?? null }
}

/** One that is damaged is none: signing in anew mends it. */
function storedKey(context: Context, baseUrl: string): string | undefined {
  try {
    return context.keys().find(baseUrl)?.key
  } catch {
    return undefined
  }
}
