import { z } from '@hono/zod-openapi'

export const StepUp = z.strictObject({ password: z.string().max(1_024) }).openapi('StepUp')
