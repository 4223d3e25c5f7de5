import { z } from '@hono/zod-openapi'

/** Credits on the wire: a decimal number of credits with at most six places. */
export const Credits = z.number().openapi({ example: 9912.3, description: 'Credits, at most six decimal places' })

/** A moment on the wire: RFC 3339 in UTC. */
export const Instant = z.string().openapi({ example: '2026-11-21T10:00:00.000Z' })
