import { parseRateVersion } from '@caicaini/protocol'
import { RateList, RatesAsked } from '@caicaini/protocol/api'
import { createRoute } from '@hono/zod-openapi'
import { createApiRouter, json } from '../http/openapi.js'
import type { KnownEnv } from '../keys/authenticate.js'
import type { RateCard } from './service.js'

const listRates = createRoute({
  method: 'get',
  path: '/api/rates',
  request: { query: RatesAsked },
  responses: { 200: json(RateList, 'Every version of every rate ever published, to recompute a receipt with') }
})

export function rateCardRoutes({ rateCard }: { rateCard: RateCard }) {
  return createApiRouter<KnownEnv>().openapi(listRates, async (c) => {
    const { version } = c.req.valid('query')
    const asked =
      version === undefined
        ? undefined
        : [version]
            .flat()
            .flatMap((text) => text.split(','))
            .map(entryOf)
    const rates = (await rateCard.list(asked)).map(({ firstSeenMs, rate, ...rest }) => ({
      ...rest,
      first_seen_at: new Date(firstSeenMs).toISOString(),
      rate: { ...rate }
    }))
    return c.json({ rates }, 200)
  })
}

/** The entry that a receipt's version is of: without the window and the tier that it names besides. */
function entryOf(version: string): string {
  const named = parseRateVersion(version)
  return named ? `${named.model}@${named.from}` : version
}
