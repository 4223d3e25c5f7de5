import { AppError } from '@caicaini/protocol'
import type { Context } from 'hono'
import { readBody } from '../http/body.js'
import type { PageEnv } from './env.js'

const FORM_BYTES_MAX = 64 * 1024

/** A form's fields, each once; the last of two of one name counts for none: 400. */
export async function readForm(c: Context<PageEnv>): Promise<(name: string) => string> {
  const type = c.req.header('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded'))
    throw new AppError('unsupported_media_type', 'content-type: must be application/x-www-form-urlencoded')
  const fields = new URLSearchParams(Buffer.from(await readBody(c.req.raw, FORM_BYTES_MAX)).toString('utf8'))
  return (name) => {
    const values = fields.getAll(name)
    if (values.length > 1) throw new AppError('invalid_request', `${name}: was sent twice`)
    return values[0] ?? ''
  }
}

/** Where a sign-in leads to: a path of ours, never another site. */
export function localPath(text: string | undefined, otherwise: string): string {
  return text !== undefined && /^\/(?![/\\])[\w\-./?=&%]*$/.test(text) ? text : otherwise
}
