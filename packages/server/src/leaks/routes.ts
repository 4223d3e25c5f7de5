import { createRoute, z } from '@hono/zod-openapi'
import { readBody } from '../http/body.js'
import type { HttpEnv } from '../http/context.js'
import { createApiRouter, json } from '../http/openapi.js'
import type { Leaks } from './service.js'

const BODY_BYTES_MAX = 8 * 1024 * 1024

const Feedback = z.object({
  token_raw: z.string(),
  token_type: z.string(),
  label: z.enum(['true_positive', 'false_positive'])
})

const leakedKey = createRoute({
  method: 'post',
  path: '/webhooks/leaked-key',
  // Described, and not checked: what is signed is read as bytes.
  request: { body: { content: { 'application/json': { schema: { type: 'array', items: { type: 'object' } } } } } },
  responses: {
    200: json(z.array(Feedback), 'Of each match, whether it was a key of ours; such a key is revoked by now')
  }
})

/** What GitHub's secret scanning calls. The signature is over the body's bytes, so nothing reads them before. */
export function leakRoutes({ leaks }: { leaks: Leaks }) {
  return createApiRouter<HttpEnv>().openapi(leakedKey, async (c) => {
    const header = (name: string) => c.req.header(`github-public-key-${name}`) ?? ''
    const body = await readBody(c.req.raw, BODY_BYTES_MAX)
    const signed = { keyId: header('identifier'), signature: header('signature') }
    return c.json(await leaks.reportByGitHub(body, signed), 200)
  })
}
