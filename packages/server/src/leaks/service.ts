import { AppError, checkApiKey } from '@caicaini/protocol'
import { z } from 'zod'
import type { Keys } from '../keys/service.js'
import type { LeakOutcome } from '../keys/upkeep.js'
import { nextTurn } from '../lib/next-turn.js'
import type { createGitHubKeys } from './github-keys.js'
import { isSigned } from './signature.js'

/** What GitHub sends of each match; `url` may be empty. */
const Report = z
  .array(
    z.object({
      token: z.string().max(1_000),
      type: z.string().max(200),
      url: z.string().max(2_000).nullish(),
      source: z.string().max(200).nullish()
    })
  )
  .max(10_000)

/** What GitHub is told of each (docs, "Provide feedback for false positives"). */
export interface Feedback {
  readonly token_raw: string
  readonly token_type: string
  readonly label: 'true_positive' | 'false_positive'
}

export interface LeaksDeps {
  readonly keys: Pick<Keys, 'upkeep'>
  readonly gitHubKeys: ReturnType<typeof createGitHubKeys>
}

export type Leaks = ReturnType<typeof createLeaks>

/** Keys that were found where they should not be: who has the text has proven it, and the key is revoked at once. */
export function createLeaks({ keys, gitHubKeys }: LeaksDeps) {
  async function report(token: string, from: { by: string; foundAt: string | null }): Promise<LeakOutcome> {
    if (checkApiKey(token) !== 'ok') return 'unknown'
    return keys.upkeep.revokeLeaked(token, from)
  }

  return {
    report,

    /** A report as GitHub sends it. 401 unless GitHub signed these very bytes. */
    async reportByGitHub(body: Uint8Array, signed: { keyId: string; signature: string }): Promise<Feedback[]> {
      const key = signed.keyId === '' || signed.signature === '' ? undefined : await gitHubKeys.find(signed.keyId)
      if (!key || !isSigned(body, { signature: signed.signature, key }))
        throw new AppError('bad_signature', "this report does not bear GitHub's signature")
      const feedback: Feedback[] = []
      for (const { token, type, url } of parse(body)) {
        // Others have their turn between two of a long report.
        await nextTurn()
        const outcome = await report(token, { by: 'github', foundAt: url || null })
        const label = outcome === 'unknown' ? 'false_positive' : 'true_positive'
        feedback.push({ token_raw: token, token_type: type, label })
      }
      return feedback
    }
  }
}

function parse(body: Uint8Array): z.infer<typeof Report> {
  try {
    return Report.parse(JSON.parse(Buffer.from(body).toString('utf8')))
  } catch {
    throw new AppError('invalid_request', 'the body must be a JSON array of {"token","type","url","source"}')
  }
}
