import { AppError } from '@caicaini/protocol'
import { CaptchaChallenge } from '@caicaini/protocol/api'
import { createRoute, z } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { Altcha } from './altcha.js'

/** Asked before there is anyone to be. */
export const CAPTCHA_ROUTE = '/api/captcha/altcha'

const challenge = createRoute({
  method: 'get',
  path: CAPTCHA_ROUTE,
  request: { query: z.object({ action: z.enum(['register', 'login', 'reset']) }) },
  responses: { 200: json(CaptchaChallenge, 'A challenge, good for ten minutes and one answer') }
})

export function captchaRoutes({ altcha }: { altcha: Altcha | undefined }) {
  return createApiRouter<KnownEnv>().openapi(challenge, async (c) => {
    if (!altcha) throw new AppError('not_found', 'this server makes no challenges')
    return c.json(await altcha.challenge(c.req.valid('query').action), 200)
  })
}
