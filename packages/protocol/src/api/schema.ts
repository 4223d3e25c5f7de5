import { z } from '@hono/zod-openapi'

/** Credits on the wire: a decimal number of credits with at most six places. */
export const Credits = z.number().openapi({ example: 9912.3, description: 'Credits, at most six decimal places' })

/** An amount that is asked for. Its least is told too: `multipleOf` lets pass what is as small as 5e-324. */
export const Amount = z
  .number()
  .min(0.000001, 'must be more than 0, by a millionth at least')
  .max(1e9, 'must be at most 1,000,000,000')
  .multipleOf(0.000001, 'must have at most six decimal places')

/** A moment on the wire: RFC 3339 in UTC. */
export const Instant = z.string().openapi({ example: '2026-11-21T10:00:00.000Z' })

/** "No control characters" as JSON Schema has it: of our own pattern the flag would be told too, and few know `\p{Cc}`. */
export const ONE_LINE = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$'
