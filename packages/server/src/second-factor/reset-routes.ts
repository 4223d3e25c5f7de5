import { ResetSecondFactor, SecondFactorReset } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, json, jsonBody } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { FactorReset } from './reset.js'

const reset = createRoute({
  method: 'post',
  path: '/admin/api/users/{username}/reset-second-factor',
  request: { params: z.object({ username: z.string().min(1).max(128) }), ...jsonBody(ResetSecondFactor) },
  responses: { 200: json(SecondFactorReset, 'The password alone lets its owner in, until they set another one up') }
})

/** What operators do for who lost a second factor. */
export function factorResetRoutes({ factorReset }: { factorReset: FactorReset }) {
  return createApiRouter<KnownEnv>().openapi(reset, async (c) => {
    const { username } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const removed = await factorReset.reset(username, { reason, by: c.var.principal.account })
    const { hasApp, passkeys, codes, sessions } = removed
    return c.json({ username, totp: hasApp, passkeys, recovery_codes: codes, sessions_ended: sessions }, 200)
  })
}
