import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'
import type { HttpEnv } from '../http/context.js'
import { mayReadMetrics } from './access.js'
import type { LiveState, Metrics } from './service.js'

export interface MetricsRouteDeps {
  readonly metrics: Metrics
  readonly live: () => LiveState
  readonly token: string | undefined
}

/** GET /metrics. To everyone else it is not there. */
export function metricsRoute({ metrics, live, token }: MetricsRouteDeps): MiddlewareHandler<HttpEnv> {
  return async (c) => {
    const isForwarded = ['forwarded', 'x-forwarded-for', 'via', 'x-real-ip'].some((name) => c.req.header(name))
    const asker = {
      local: c.env?.local === true,
      peer: c.env?.peer,
      authorization: c.req.header('authorization'),
      forwarded: isForwarded
    }
    if (!mayReadMetrics(asker, token)) throw new AppError('not_found', 'there is no GET /metrics here')
    return c.body(metrics.text(live()), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  }
}
