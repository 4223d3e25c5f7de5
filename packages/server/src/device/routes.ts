import type { BlockList } from 'node:net'
import { creditsFromJson } from '@caicaini/protocol'
import { DeviceCode, DeviceCodeAsk, DeviceToken, DeviceTokenAsk, DeviceTokenRefused } from '@caicaini/protocol/api'
import { createRoute, type z } from '@hono/zod-openapi'
import type { HttpEnv } from '../http/context.js'
import { createApiRouter, json } from '../http/openapi.js'
import { visitorOf } from '../identity/visitor.js'
import type { Devices } from './service.js'

/** Routes that a device calls before it has a key. */
export const PUBLIC_DEVICE_ROUTES = ['/api/device/code', '/api/device/token']

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

/** RFC 8628 sends forms. `required`: another content type would pass as an empty one. */
const form = <T extends z.ZodType>(schema: T) =>
  ({ body: { content: { 'application/x-www-form-urlencoded': { schema } }, required: true } }) as const

const code = createRoute({
  method: 'post',
  path: '/api/device/code',
  request: form(DeviceCodeAsk),
  responses: { 200: json(DeviceCode, 'A code to type at the address') }
})
const token = createRoute({
  method: 'post',
  path: '/api/device/token',
  request: form(DeviceTokenAsk),
  responses: {
    200: json(DeviceToken, 'The key, this once'),
    400: json(DeviceTokenRefused, 'Not yet, or not at all (RFC 8628 3.5)')
  }
})

export function deviceRoutes({ devices, trustedProxies }: { devices: Devices; trustedProxies: BlockList }) {
  return createApiRouter<HttpEnv>()
    .openapi(code, async (c) => {
      const ask = c.req.valid('form')
      const { deviceCode, userCode, url, completeUrl, expiresInS, intervalS } = await devices.start(
        {
          purpose: ask.purpose === 'key' ? 'key' : 'sign in',
          client: ask.client_id,
          device: ask.device_name,
          name: ask.key_name ?? `${ask.client_id} on ${ask.device_name}`,
          scope: ask.scope,
          quota: String(creditsFromJson(Number(ask.quota))),
          quotaPeriod: ask.quota_period,
          ...(ask.expires_at !== undefined && { expiresAtMs: Date.parse(ask.expires_at) }),
          replaces: ask.replaces ?? null
        },
        visitorOf(c, trustedProxies).address
      )
      return c.json(
        {
          device_code: deviceCode,
          user_code: userCode,
          verification_uri: url,
          verification_uri_complete: completeUrl,
          expires_in: expiresInS,
          interval: intervalS
        },
        200
      )
    })
    .openapi(token, async (c) => {
      const ask = c.req.valid('form')
      if (ask.grant_type !== GRANT_TYPE)
        return c.json(
          { error: 'unsupported_grant_type' as const, error_description: `grant_type: must be ${GRANT_TYPE}` },
          400
        )
      const answer = await devices.redeem(ask.device_code)
      if (answer.kind === 'refused') {
        const { error, intervalS } = answer
        return c.json({ error, error_description: WHY[error], interval: intervalS }, 400)
      }
      const { text, key, replaced } = answer
      return c.json(
        {
          access_token: text,
          token_type: 'Bearer' as const,
          scope: key.scope as 'api' | 'cli',
          key_id: key.id,
          key_name: key.name,
          replaced
        },
        200
      )
    })
}

const WHY = {
  authorization_pending: 'nobody has decided yet',
  slow_down: 'polled too soon: wait as long as `interval` says from now on',
  access_denied: 'it was refused',
  expired_token: 'nobody decided in time: start again',
  invalid_grant: 'this code is unknown, or its key was taken already'
}
