import { EXIT } from '@caicaini/protocol'
import type { DeviceCode, DeviceToken, DeviceTokenRefused } from '@caicaini/protocol/api'
import type { Context } from '../context.js'
import type { ApiClient } from './api-client.js'
import { openBrowser } from './browser.js'
import { CliError, interrupted } from './cli-error.js'
import { sleep } from './clock.js'
import { neutraliseLine } from './sanitize.js'

export interface DeviceAsk {
  readonly purpose: 'sign-in' | 'key'
  readonly deviceName: string
  readonly scope: 'api' | 'cli'
  readonly keyName?: string
  /** Credits; 0 = no limit. */
  readonly quota?: number
  readonly quotaPeriod?: string
  /** RFC 3339. */
  readonly expiresAt?: string
  /** SHA-256 of the key that the new one takes the place of. */
  readonly replaces?: string
}

/** RFC 8628, 3.5: without an interval five seconds, and five more after `slow_down`. */
const INTERVAL_S = 5
const SLOWER_S = 5
/** How much longer each poll waits that did not come through. */
const BACKOFF = 2
const BACKOFF_MAX_S = 60

/**
 * Asks somebody with a browser for a key: shows the address and the code at once, opens a browser where there
 * is one, and polls meanwhile. Ctrl-C ends it (130), or `signal`; refused or too late is exit 4.
 */
export async function signInDevice(
  context: Context,
  client: ApiClient,
  { ask, browser, signal: given }: { ask: DeviceAsk; browser: boolean; signal?: AbortSignal }
): Promise<DeviceToken> {
  const stop = new AbortController()
  const signal = given ? AbortSignal.any([stop.signal, given]) : stop.signal
  const unwatch = context.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort(interrupted()))
  try {
    const code = await client.startDevice(formOf(ask), signal)
    tell(context, code)
    if (browser) openBrowser(code.verification_uri_complete, context)
    return await poll(context, client, { code, signal })
  } finally {
    unwatch()
  }
}

function formOf({
  purpose,
  deviceName,
  scope,
  keyName,
  quota,
  quotaPeriod,
  expiresAt,
  replaces
}: DeviceAsk): Record<string, string> {
  return {
    client_id: 'caicaini',
    purpose,
    device_name: deviceName,
    scope,
    ...(keyName !== undefined && { key_name: keyName }),
    ...(quota !== undefined && { quota: String(quota) }),
    ...(quotaPeriod !== undefined && { quota_period: quotaPeriod }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(replaces !== undefined && { replaces })
  }
}

function tell({ io }: Context, code: DeviceCode): void {
  const line = neutraliseLine
  io.err(
    [
      `Open      ${line(code.verification_uri_complete)}`,
      `or go to  ${line(code.verification_uri)}`,
      `and type  ${line(code.user_code)}`,
      `It is good for ${Math.round(code.expires_in / 60)} minutes; Ctrl-C ends it.`,
      'Waiting for your approval …',
      ''
    ].join('\n')
  )
}

async function poll(
  { clock, io }: Context,
  client: ApiClient,
  { code, signal }: { code: DeviceCode; signal: AbortSignal }
): Promise<DeviceToken> {
  const untilMs = clock.nowMs() + code.expires_in * 1000
  let intervalS = code.interval || INTERVAL_S
  let lost = 0
  for (;;) {
    const waitS = Math.min(intervalS * BACKOFF ** lost, BACKOFF_MAX_S)
    await sleep(clock, waitS * 1000, signal)
    if (clock.nowMs() >= untilMs) throw tooLate()
    const answer = await client.pollDevice(code.device_code, signal).catch((error) => {
      if (!(error instanceof CliError) || !error.retryable || signal.aborted) throw error
      return error
    })
    if (answer instanceof CliError) {
      if (lost++ === 0) io.err(`${neutraliseLine(answer.message)}; trying again …\n`)
      continue
    }
    lost = 0
    if ('access_token' in answer) return answer
    intervalS = nextInterval(answer, intervalS)
  }
}

function nextInterval({ error, error_description, interval }: DeviceTokenRefused, intervalS: number): number {
  switch (error) {
    case 'authorization_pending':
      return interval ?? intervalS
    case 'slow_down':
      return interval ?? intervalS + SLOWER_S
    case 'access_denied':
      throw new CliError(EXIT.auth, 'it was refused in the browser: nothing was changed here')
    case 'expired_token':
      throw tooLate()
    default:
      throw new CliError(EXIT.auth, `the server ended it: ${error_description}; run the same command again`)
  }
}

function tooLate(): CliError {
  return new CliError(EXIT.auth, 'nobody approved it in time: run the same command again')
}
