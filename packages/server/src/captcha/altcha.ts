import { AppError } from '@caicaini/protocol'
import type { Challenge, Payload } from 'altcha-lib'
import type { Clock } from '../lib/clock.js'
import type { Random } from '../lib/random.js'
import type { Vault } from '../secrets/vault.js'
import type { Db } from '../storage/tables.js'
import type { Captcha, CaptchaAction } from './captcha.js'
import { spend } from './store.js'

/** A thousand rounds each, two thousand times on average: most of a second of one core, and a thousandth of it to check. */
const COST = 1_000
const COUNTER_MIN = 1_000
const COUNTER_SPAN = 2_000
const LIFE_MS = 10 * 60_000
const ANSWER_CHARS_MAX = 4_096

export interface AltchaDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly vault: Vault
}

export interface Altcha extends Captcha {
  challenge(action: CaptchaAction): Promise<Challenge>
}

/** A challenge that a browser answers by computing; nobody else is asked. An answer is good once, for its action. */
export function createAltcha({ db, clock, random, vault }: AltchaDeps): Altcha {
  const secrets = {
    hmacSignatureSecret: vault.keyedHash('altcha', 'challenge'),
    hmacKeySignatureSecret: vault.keyedHash('altcha', 'key')
  }
  const load = async () => ({
    ...(await import('altcha-lib')),
    ...(await import('altcha-lib/algorithms/pbkdf2'))
  })

  async function check(action: CaptchaAction, token: string): Promise<boolean> {
    const payload = parse(token)
    if (!payload) return false
    const { verifySolution, deriveKey } = await load()
    const { verified } = await verifySolution({ ...payload, deriveKey, ...secrets })
    const { data, nonce } = payload.challenge.parameters
    const expiresAtMs = Number(data?.expires_ms)
    // By our clock, so the library is given no time of its own to compare.
    if (!verified || data?.action !== action || !(expiresAtMs > clock.nowMs())) return false
    return spend(db, nonce, expiresAtMs)
  }

  return {
    widget: (action) => ({ kind: 'altcha', challengeUrl: `/api/captcha/altcha?action=${action}` }),

    async challenge(action) {
      const { createChallenge, deriveKey } = await load()
      const counter = COUNTER_MIN + (Buffer.from(random.bytes(4)).readUInt32BE() % COUNTER_SPAN)
      const data = { action, expires_ms: clock.nowMs() + LIFE_MS }
      return createChallenge({ algorithm: 'PBKDF2/SHA-256', cost: COST, counter, data, deriveKey, ...secrets })
    },

    async require(action, { token }) {
      if (token !== undefined && token !== '' && (await check(action, token))) return
      throw new AppError('invalid_request', 'captcha: is missing, too old or used before; let it compute again', {
        param: 'captcha'
      })
    }
  }
}

/** What `altcha` fields hold: base64 of JSON. Its numbers and texts are looked at when its signature holds. */
function parse(token: string): Payload | undefined {
  if (token.length > ANSWER_CHARS_MAX) return undefined
  try {
    const payload = JSON.parse(Buffer.from(token, 'base64').toString('utf8'))
    const { challenge, solution } = payload ?? {}
    const isWhole = typeof challenge?.parameters?.nonce === 'string' && typeof solution?.counter === 'number'
    // Without a limit of their own, numbers of a challenge that is not ours would be computed with.
    return isWhole && challenge.parameters.cost === COST ? payload : undefined
  } catch {
    return undefined
  }
}
