import type { DeviceCode, DeviceToken, DeviceTokenRefused } from '@caicaini/protocol/api'
import { type ApiClientDeps, type Exchange, foreign, once } from './api-call.js'
import type { ApiClient } from './api-client.js'
import { errorFromRefusal } from './api-errors.js'
import type { CliError } from './cli-error.js'
import { withRetries } from './retry.js'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Being signed in by a browser elsewhere (RFC 8628): forms, and refusals that are answers. */
export function createDeviceCalls(
  deps: ApiClientDeps,
  exchange: Exchange
): Pick<ApiClient, 'startDevice' | 'pollDevice'> {
  const { clock, retry, transport } = deps
  const post = async (path: string, form: Readonly<Record<string, string>>, signal: AbortSignal) => {
    const body = new URLSearchParams(form)
    return once(deps, exchange, { method: 'POST', path, body, signal, isFine: (status) => status === 400 })
  }
  return {
    startDevice: (form, signal) =>
      withRetries(
        async () => {
          const { status, json } = await post('/api/device/code', form, signal)
          if (status === 200 && isObject(json) && 'device_code' in json) return json as unknown as DeviceCode
          throw status === 400 ? refused(deps, json) : foreign(transport.name)
        },
        { clock, ...retry, signal }
      ),
    async pollDevice(deviceCode, signal) {
      const form = { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: 'caicaini' }
      const { json } = await post('/api/device/token', form, signal)
      if (isObject(json) && 'access_token' in json) return json as unknown as DeviceToken
      if (isObject(json) && typeof json.error === 'string') return json as unknown as DeviceTokenRefused
      throw isObject(json) ? refused(deps, json) : foreign(transport.name)
    }
  }
}

function refused({ transport, clock }: ApiClientDeps, body: unknown): CliError {
  return errorFromRefusal({
    status: 400,
    headers: {},
    body: JSON.stringify(body),
    nowMs: clock.nowMs(),
    server: transport.name
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
