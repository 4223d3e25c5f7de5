import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate as inflateZlib } from 'node:zlib'
import { AppError } from '@caicaini/protocol'
import type { MiddlewareHandler } from 'hono'

/** Largest request body, in bytes: Anthropic's own limit of 32 MB. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024

/** Largest body of our own JSON routes, in bytes: what they ask for takes a few hundred. */
const API_BODY_BYTES_MAX = 1024 * 1024

/** Reads what is sent to our JSON routes before they do: no more of it than they need is ever in memory. */
export const limitApiBody: MiddlewareHandler = async (c, next) => {
  if (c.req.raw.body !== null) {
    const bytes = await readBody(c.req.raw, API_BODY_BYTES_MAX)
    c.req.raw = new Request(c.req.raw, { body: bytes as Uint8Array<ArrayBuffer> })
  }
  await next()
}

/**
 * The whole body, inflated where it came compressed; 413 as soon as it is known to be larger than
 * `bytesMax`, packed or not, 400 when its sender left before its end or it is not what it says.
 */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() || 'identity'
  const inflate = INFLATE[encoding]
  if (encoding !== 'identity' && !inflate) {
    throw new AppError(
      'unsupported_media_type',
      `content-encoding: must be gzip, br, deflate or nothing, got "${encoding.slice(0, 40)}"`
    )
  }
  const bytes = await read(request, bytesMax).catch((error) => {
    if (error instanceof AppError) throw error
    throw new AppError('invalid_request', 'the request body ended before it was complete')
  })
  if (!inflate) return bytes
  return inflate(bytes, { maxOutputLength: bytesMax }).catch((error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax)
    throw new AppError('invalid_request', `the request body is not ${encoding}, though content-encoding says so`)
  })
}

const INFLATE: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>>
> = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflateZlib)
}

async function read(request: Request, bytesMax: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (length !== null) {
    if (Number(length) > bytesMax) throw tooLarge(bytesMax)
    return new Uint8Array(await request.arrayBuffer())
  }
  return request.body === null ? new Uint8Array() : readChunked(request.body, bytesMax)
}

async function readChunked(body: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function tooLarge(bytesMax: number): AppError {
  return new AppError('request_too_large', `the request body is larger than ${Math.floor(bytesMax / 1024 / 1024)} MB`, {
    shouldRetry: false
  })
}
