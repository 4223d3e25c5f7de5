import { createHash } from 'node:crypto'
import type { Log } from '../lib/log.js'

/** Have I Been Pwned, API v3, "Searching by range": it learns five of forty characters, and answers with hundreds. */
const RANGE = 'https://api.pwnedpasswords.com/range/'
const ANSWER_MS_MAX = 2_000

/** Looks a password up among those that leaked anywhere. Who cannot be asked in time is left out: the own list holds. */
export function createPwned({ fetch, log }: { fetch: typeof globalThis.fetch; log: Log }) {
  return async (password: string): Promise<boolean> => {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase()
    try {
      const response = await fetch(RANGE + hash.slice(0, 5), {
        headers: { 'add-padding': 'true', 'user-agent': 'caicaini' },
        signal: AbortSignal.timeout(ANSWER_MS_MAX)
      })
      if (!response.ok) throw new Error(`status ${response.status}`)
      return isListed(await response.text(), hash.slice(5))
    } catch (error) {
      log.warn({ error: String(error) }, 'could not look a password up among leaked ones; the bundled list was used')
      return false
    }
  }
}

/** Lines are `SUFFIX:COUNT`; a count of 0 is padding. Pure. */
export function isListed(answer: string, suffix: string): boolean {
  return answer.split(/\r?\n/).some((line) => {
    const [found, count] = line.split(':')
    return found === suffix && Number(count) > 0
  })
}
