import { AppError } from '@caicaini/protocol'

/** Largest request body, in bytes: Anthropic's own limit of 32 MB. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024

/** The whole body; 413 as soon as it is known to be larger than `bytesMax`, 400 when its sender left before its end. */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new AppError('unsupported_media_type', 'content-encoding: compressed bodies are not read; send it as it is')
  }
  try {
    return await read(request, bytesMax)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('invalid_request', 'the request body ended before it was complete')
  }
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
