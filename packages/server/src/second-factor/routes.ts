import { AppError } from '@caicaini/protocol'
import { StepUp as StepUpAsked } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, jsonBody } from '../http/openapi.js'
import { type KnownEnv, requireScope } from '../keys/authenticate.js'
import type { StepUp } from './step-up.js'

const BROWSER = requireScope(['web'], 'it takes a browser session: sign in first')

const prove = createRoute({
  method: 'post',
  path: '/api/step-up',
  middleware: BROWSER,
  request: jsonBody(StepUpAsked),
  responses: { 204: { description: 'Proven, for ten minutes' } }
})

export interface SecondFactorRoutesDeps {
  readonly stepUp: StepUp
}

export function secondFactorRoutes({ stepUp }: SecondFactorRoutesDeps) {
  return createApiRouter<KnownEnv>().openapi(prove, async (c) => {
    const { session, account } = c.var.principal
    if (!session) throw new AppError('scope', 'it takes a browser session: sign in first')
    await stepUp.prove({ ...session, account }, c.req.valid('json'))
    return c.body(null, 204)
  })
}
