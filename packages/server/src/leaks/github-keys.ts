import { AppError } from '@caicaini/protocol'
import { z } from 'zod'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { SigningKey } from './signature.js'

const KEPT_MS = 3_600_000
/** An unknown name may be that of a newer key: it is looked for, but no stranger makes us ask GitHub all the time. */
const AGAIN_MS = 60_000
const TIMEOUT_MS = 10_000
const BODY_CHARS_MAX = 1_000_000

const Answer = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string().max(256), key: z.string().max(10_000) })).max(1_000)
})

export interface GitHubKeysDeps {
  readonly clock: Clock
  readonly log: Log
  readonly fetch: typeof globalThis.fetch
  /** Where GitHub publishes them: the operator's to say, never a request's. */
  readonly url: string
}

/** The keys that GitHub signs with, kept for an hour. */
export function createGitHubKeys({ clock, log, fetch, url }: GitHubKeysDeps) {
  let keys: readonly SigningKey[] = []
  let askedAtMs: number | undefined
  let loading: Promise<void> | undefined

  async function load(): Promise<void> {
    askedAtMs = clock.nowMs()
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
      const text = await response.text()
      if (!response.ok || text.length > BODY_CHARS_MAX)
        throw new Error(`status ${response.status}, ${text.length} characters`)
      keys = Answer.parse(JSON.parse(text)).public_keys.map(({ key_identifier: id, key: pem }) => ({ id, pem }))
    } catch (error) {
      log.warn({ error: String(error) }, "could not read GitHub's signing keys")
    }
  }

  return {
    /** Undefined for a name that GitHub has no key of. 529 where it could not be asked. */
    async find(id: string): Promise<SigningKey | undefined> {
      const ageMs = askedAtMs === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() - askedAtMs
      const known = keys.find((key) => key.id === id)
      if (ageMs > (known ? KEPT_MS : AGAIN_MS)) {
        loading ??= load().finally(() => {
          loading = undefined
        })
      }
      await loading
      if (keys.length === 0) throw new AppError('overloaded', "GitHub's signing keys cannot be read at the moment")
      return keys.find((key) => key.id === id)
    }
  }
}
