import type { Challenge } from 'altcha-lib'
import type { ApiClient } from './api-client.js'
import { CliError } from './cli-error.js'

/** The answer to the server's own challenge, computed here in about a second; undefined where it makes none. */
export async function answerCaptcha(client: ApiClient, signal: AbortSignal): Promise<string | undefined> {
  const challenge = await readChallenge(client, signal)
  if (!challenge) return undefined
  const [{ solveChallenge }, { deriveKey }] = await Promise.all([
    import('altcha-lib'),
    import('altcha-lib/algorithms/pbkdf2')
  ])
  const controller = new AbortController()
  const stop = () => controller.abort()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const solution = await solveChallenge({ challenge, deriveKey, controller })
    signal.throwIfAborted()
    return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64')
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function readChallenge(client: ApiClient, signal: AbortSignal): Promise<Challenge | undefined> {
  try {
    const path = '/api/captcha/altcha?action=login'
    return await client.call<Challenge>('GET', path, { has: 'parameters', signal })
  } catch (error) {
    // A server that asks for no captcha, or for one of another kind.
    if (error instanceof CliError && error.code === 'not_found') return undefined
    throw error
  }
}
